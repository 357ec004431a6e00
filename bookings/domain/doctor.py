"""What the doctor finds, and the rules for the DNS records of a domain that sends mail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# Google writes answers between its own users into their calendars and sends no mail (CALENDAR.md).
_GOOGLE = (".google.com", ".googlemail.com")


class Health(StrEnum):
    WELL = "well"
    FINDING = "finding"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Finding:
    """One check: how it ended, what was seen, and what to do about it."""

    check: str
    health: Health
    seen: str
    to_do: str = ""


def well(check: str, seen: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Health.WELL, seen)


def finding(check: str, seen: str, to_do: str) -> Finding:
    """Something to do."""
    return Finding(check, Health.FINDING, seen, to_do)


def not_asked(check: str, why: str, to_do: str = "") -> Finding:
    """The check says nothing, neither good nor bad."""
    return Finding(check, Health.NOT_ASKED, why, to_do)


def judge_spf(domain: str, texts: Sequence[str]) -> Finding:
    """May somebody tell our mails from forged ones by the sending server (RFC 7208)?"""
    records = [text for text in texts if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if not records:
        return finding(
            "SPF", f"{domain} has no record", f'Add a TXT record to {domain}: "v=spf1 a:<relay> -all".'
        )
    if len(records) > 1:
        return finding("SPF", f"{domain} has {len(records)} records", "Keep one: receivers ignore several.")
    if not re.search(r"[~-]all\b|\bredirect=", records[0], re.IGNORECASE):
        return finding("SPF", records[0], 'End the record with "-all" or "~all", or anybody may send as you.')
    return well("SPF", records[0])


def judge_dmarc(domain: str, texts: Sequence[str]) -> Finding:
    """Does the domain say what to do with forged mails (RFC 7489)?"""
    records = [text for text in texts if text.lower().startswith("v=dmarc1")]
    if len(records) != 1:
        seen = f"{domain} has {len(records) or 'no'} record{'s' if len(records) > 1 else ''}"
        return finding("DMARC", seen, f'Have one TXT record at _dmarc.{domain}: "v=DMARC1; p=quarantine".')
    if _tags(records[0]).get("p", "") not in ("none", "quarantine", "reject"):
        return finding("DMARC", records[0], "Say a policy: p=none, p=quarantine or p=reject.")
    return well("DMARC", records[0])


def judge_dkim(name: str, texts: Sequence[str], *, public_key: str) -> Finding:
    """Does DNS show the public key of the private one that signs here (RFC 6376)?"""
    keys = [_tags(text).get("p", "") for text in texts]
    if public_key in keys:
        return well("DKIM", f"{name} shows our public key")
    record = f'Put this TXT record at {name}: "v=DKIM1; k=rsa; p={public_key}"'
    seen = f"{name} shows another key" if any(keys) else f"{name} shows no key"
    return finding("DKIM", seen, f"{record}. Until then receivers take our signatures for forged.")


def judge_mx(domain: str, servers: Sequence[str]) -> Finding:
    """Do answers to our invitations arrive, at a server that passes them on?"""
    if not servers:
        return finding("MX", f"{domain} has no mail server", "Answers have to arrive: add an MX record.")
    seen = ", ".join(servers)
    if any(f".{server.lower().rstrip('.')}".endswith(_GOOGLE) for server in servers):
        to_do = (
            "Google keeps answers of its own users for itself: let another server take mail for the domain."
        )
        return finding("MX", seen, to_do)
    return well("MX", seen)


def _tags(record: str) -> dict[str, str]:
    pairs = (tag.partition("=") for tag in record.split(";"))
    return {name.strip().lower(): re.sub(r"\s", "", value) for name, _, value in pairs}
