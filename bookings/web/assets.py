"""Static files: served with a hash of their content in the address, so that browsers may keep them."""

import hashlib
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

_HASH_LENGTH = 12


def init_assets(app: Flask, folder: Path) -> None:
    """Serve `folder` under /static/<hash>/…; the template function `static_url` gives the address."""
    version = _hash_folder(folder)
    prefix = f"static/{version}"
    # Immutable for a year: another content has another address. In front of the application: no session.
    white_noise = WhiteNoise(app.wsgi_app, max_age=31_536_000, charset="utf-8")
    white_noise.add_files(str(folder), prefix=prefix)
    app.wsgi_app = white_noise  # type: ignore[method-assign]
    app.jinja_env.globals["static_url"] = lambda name: f"/{prefix}/{name}"


def _hash_folder(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:_HASH_LENGTH]
