"""The columns of imported files, and what people call them in English, Swedish, Finnish."""

from collections.abc import Mapping

from bookings.domain.directory import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from bookings.domain.offer_rows import OFFER_OPTIONAL, OFFER_REQUIRED

PERSON_REQUIRED = ("person_name", "person_email")
PERSON_OPTIONAL = (
    "reference", "person_organisation", "person_role", "person_phone", "person_country", "person_language",
    "ticket", "parts",
)  # fmt: skip
COLUMNS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "organisations": (REQUIRED_COLUMNS, OPTIONAL_COLUMNS),
    "offers": (OFFER_REQUIRED, OFFER_OPTIONAL),
    "registrations": (PERSON_REQUIRED, PERSON_OPTIONAL),
}
"""Of each table: those that a file must have, and those that it may have."""

_LANGUAGES = ("en", "sv", "fi")
_TEXT = {
    # ours: English; Swedish; Finnish. Each list begins with the word that pages show.
    "slug": "Short name; Kortnamn; Lyhytnimi",
    "name": "Name, Organisation, Company; Namn, Organisation, Företag; Nimi, Organisaatio, Yritys",
    "kind": "Kind, Type; Slag, Typ; Laji, Tyyppi",
    "country": "Country; Land; Maa",
    "place": "Town, Place, Municipality, City; Ort, Stad, Kommun; Paikkakunta, Kaupunki, Kunta",
    "website": "Website, Web, Homepage, URL; Webbplats, Hemsida, Webb; Verkkosivusto, Kotisivu, Verkkosivut",
    "summary_en": "Summary (English), Description English, Summary; "
    "Sammanfattning (engelska); Tiivistelmä (englanti)",
    "summary_sv": "Summary (Swedish), Description Swedish; Sammanfattning (svenska), Beskrivning; "
    "Tiivistelmä (ruotsi)",
    "summary_fi": "Summary (Finnish), Description Finnish; Sammanfattning (finska); "
    "Tiivistelmä (suomi), Kuvaus",
    "interests": "Topics, Interests, Areas; Ämnen, Intressen, Områden; Aiheet, Kiinnostukset, Alat",
    "languages": "Languages; Språk; Kielet",
    "hosts_visits": "Receives visits, Visits; Tar emot besök, Besök; Ottaa vastaan vieraita, Vierailut",
    "status": "Status; Status, Läge; Tila",
    "organisation_number": "Organisation number, Business ID, Org no; "
    "Organisationsnummer, Org.nr; Y-tunnus, Yritystunnus",
    "source_url": "Source; Källa; Lähde",
    "assumed": "Assumed; Antaget; Oletettu",
    "site": "Site (short name); Besöksplats (kortnamn); Kohde (lyhytnimi)",
    "site_name": "Site, Name of the site; Besöksplats, Anläggning; Kohde, Toimipaikka",
    "site_address": "Address, Street address, Visiting address; Adress, Besöksadress, Gatuadress; "
    "Osoite, Käyntiosoite, Katuosoite",
    "site_place": "Town of the site; Besöksplatsens ort; Kohteen paikkakunta",
    "site_zone": "Time zone; Tidszon; Aikavyöhyke",
    "group_min": "Smallest group; Minsta grupp; Pienin ryhmä",
    "group_max": "Largest group, Group size; Största grupp, Gruppstorlek; Suurin ryhmä, Ryhmäkoko",
    "opens_at": "Opens; Öppnar; Avautuu",
    "closes_at": "Closes; Stänger; Sulkeutuu",
    "access_rules": "How to come in, Access; Så kommer man in, Tillträde; Sisäänpääsy, Kulku",
    "contact_email": "Contact e-mail, E-mail, Email, Mail; Kontakt e-post, E-post, E-postadress, Mejl; "
    "Yhteyshenkilön sähköposti, Sähköposti, Sähköpostiosoite",
    "contact_name": "Contact person, Contact; Kontaktperson, Kontakt; Yhteyshenkilö",
    "contact_role": "Role of the contact, Title of contact; Kontaktens roll, Roll, Titel; "
    "Yhteyshenkilön tehtävä, Tehtävä, Titteli",
    "contact_phone": "Phone, Telephone, Mobile; Telefon, Mobil, Telefonnummer; "
    "Puhelin, Puhelinnumero, Matkapuhelin",
    "contact_language": "Language of mails; Mejlens språk; Viestien kieli",
    "contact_languages": "Languages of the contact; Kontaktens språk; Yhteyshenkilön kielet",
    "contact_is_host": "Contact receives visitors; Kontakten tar emot besök; Yhteyshenkilö ottaa vastaan",
    "contact_is_public": "Contact is public; Kontakten är offentlig; Yhteyshenkilö on julkinen",
    "organisation": "Organisation (short name), Organisation, Company; "
    "Organisation (kortnamn), Organisation, Företag; Organisaatio (lyhytnimi), Organisaatio, Yritys",
    "offer": "Offer (short name); Besöksmål (kortnamn); Vierailukohde (lyhytnimi)",
    "title_en": "Title (English), Title; Rubrik (engelska); Otsikko (englanti)",
    "title_sv": "Title (Swedish); Rubrik (svenska), Rubrik; Otsikko (ruotsi)",
    "title_fi": "Title (Finnish); Rubrik (finska); Otsikko (suomi), Otsikko",
    "description_en": "What visitors see (English), Description; Vad man ser (engelska); "
    "Mitä nähdään (englanti)",
    "description_sv": "What visitors see (Swedish); Vad man ser (svenska), Beskrivning; "
    "Mitä nähdään (ruotsi)",
    "description_fi": "What visitors see (Finnish); Vad man ser (finska); Mitä nähdään (suomi), Kuvaus",
    "topics": "Topics; Ämnen; Aiheet",
    "minutes": "Minutes, Length, Duration; Minuter, Längd; Minuutit, Kesto",
    "people_per_guide": "People per guide; Personer per guide; Henkilöä opasta kohti",
    "guides": "Guides; Guider; Oppaat",
    "lead_days": "Days of notice; Dagar i förväg; Päivää etukäteen",
    "monthly_cap": "Most visits a month; Flest besök i månaden; Enintään vierailuja kuussa",
    "hours": "Open times, Hours; Öppettider; Aukioloajat",
    "fee": "Fee, Price; Avgift, Pris; Maksu, Hinta",
    "fee_currency": "Currency; Valuta; Valuutta",
    "clothing": "Shoes and clothing; Skor och kläder; Kengät ja vaatteet",
    "photo_policy": "Photos; Fotografering; Valokuvaus",
    "needs_identity_list": "List of names needed; Namnlista behövs; Nimilista tarvitaan",
    "minimum_age": "Lowest age; Lägsta ålder; Alaikäraja",
    "step_access": "Steps; Trappor; Portaat",
    "reference": "Reference; Referens; Viite",
    "person_name": "Name, Full name; Namn; Nimi",
    "person_email": "E-mail, Email, Mail, E-mail address; E-post, E-postadress, Mejl; "
    "Sähköposti, Sähköpostiosoite",
    "person_organisation": "Organisation, Organization, Company; Organisation, Företag; Organisaatio, Yritys",
    "person_role": "Role, Title; Roll, Titel; Rooli, Titteli",
    "person_phone": "Phone, Telephone, Mobile; Telefon, Mobil; Puhelin",
    "person_country": "Country; Land; Maa",
    "person_language": "Language, Language of mails; Språk; Kieli",
    "ticket": "Ticket, Kind of ticket; Biljett; Lippu",
    "parts": "Parts, Sessions; Delar, Programpunkter; Osat, Ohjelmaosat",
}


def _parts(text: str) -> list[list[str]]:
    return [[word.strip() for word in part.split(",")] for part in text.split(";")]


_WORDS = {ours: _parts(text) for ours, text in _TEXT.items()}
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    table: {
        ours: tuple(word for language in _WORDS[ours] for word in language)
        for columns in both
        for ours in columns
    }
    for table, both in COLUMNS.items()
}
"""Of each table: all that a column of ours may be called."""


def column_label(column: str, language: str) -> str:
    """The name of one of our columns as pages show it."""
    names = _WORDS.get(column)
    return names[_LANGUAGES.index(language)][0] if names and language in _LANGUAGES else column
