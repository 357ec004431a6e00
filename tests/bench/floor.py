"""The floor: the smallest application on the same stack that does what a booking needs.

A form with CSRF, validated; one row and one outbox row in one commit; a redirect to a page of thanks.
Run as `python -m tests.bench.floor PORT DATABASE_URL`; what it costs per request is what the stack costs.
"""

import sys
from datetime import UTC, datetime

from flask import Flask, redirect, render_template, url_for
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from jinja2 import DictLoader
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from waitress import serve
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

import bookings.db  # noqa: F401 (its engine events: WAL, synchronous=FULL, our BEGIN)
from bookings.settings import load_settings
from bookings.turns import answer_in_turn


class _Base(DeclarativeBase):
    metadata = MetaData()


class Wish(_Base):
    # Names that the product does not have: on PostgreSQL the floor stands in a copy of its database.
    __tablename__ = "floor_wish"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    purpose: Mapped[str]
    created_at: Mapped[datetime]


class Mail(_Base):
    __tablename__ = "floor_mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    text: Mapped[str]


class WishForm(FlaskForm):
    name = StringField(validators=[InputRequired(), Length(max=254)])
    email = StringField(validators=[InputRequired(), Length(max=254)])
    purpose = StringField(validators=[InputRequired(), Length(max=1500)])


_PAGE = """<!doctype html><html lang="en"><title>Floor</title><form method="post">
{{ form.csrf_token }}{{ form.name.label }}{{ form.name }}{{ form.email.label }}{{ form.email }}
{{ form.purpose.label }}{{ form.purpose }}<button>Send</button></form></html>"""

_THANKS = '<!doctype html><html lang="en"><title>Thanks</title><p>Thanks</p></html>'


def create_floor(database_url: str) -> Flask:
    """The application with its tables made."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="floor" * 8, SQLALCHEMY_DATABASE_URI=database_url)
    database = SQLAlchemy(app, metadata=_Base.metadata)
    CSRFProtect(app)
    # As files would be: compiled at first use and kept.
    app.jinja_loader = DictLoader({"form.html": _PAGE, "thanks.html": _THANKS})  # type: ignore[assignment]
    with app.app_context():
        _Base.metadata.create_all(database.engine)

    @app.route("/", methods=["GET", "POST"])
    def show() -> str | Response:
        form = WishForm()
        if form.validate_on_submit():
            session = database.session()
            session.connection(execution_options={"writes": True})
            wish = Wish(
                name=form.name.data,
                email=form.email.data,
                purpose=form.purpose.data,
                created_at=datetime.now(UTC).replace(tzinfo=None),
            )
            session.add_all([wish, Mail(recipient=form.email.data, text="Thank you")])
            session.commit()
            return redirect(url_for("thanks"), code=303)
        return render_template("form.html", form=form)

    @app.get("/thanks")
    def thanks() -> str:
        return render_template("thanks.html")

    return app


def _serve(port: int, database_url: str) -> None:
    """As the product is served."""
    floor, threads = create_floor(database_url), load_settings().web.threads
    application = answer_in_turn(floor) if database_url.startswith("sqlite") else floor
    serve(application, host="127.0.0.1", port=port, threads=threads, ident=None)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2])
