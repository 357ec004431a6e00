"""What the demo's events say, in the three languages of the site."""


def _three(en: str, sv: str, fi: str) -> dict[str, str]:
    return {"en": en, "sv": sv, "fi": fi}


TEXTS: dict[str, dict[str, str]] = {
    "week_title": _three("Kvarken Energy Week", "Kvarken energivecka", "Merenkurkun energiaviikko"),
    "week_summary": _three(
        "Four days of exhibitions, talks and visits in five towns.",
        "Fyra dagar med utställningar, föredrag och besök i fem städer.",
        "Neljä päivää näyttelyitä, puheenvuoroja ja vierailuja viidessä kaupungissa.",
    ),
    "week_description": _three(
        "Companies and towns on both sides of the Kvarken show what they build: storage, grids, hydrogen, "
        "biogas and clean industry.\nChoose the sessions that you want to come to when you register.",
        "Företag och städer på båda sidor av Kvarken visar vad de bygger: lagring, elnät, vätgas, biogas och "
        "ren industri.\nVälj de programpunkter som du vill delta i när du anmäler dig.",
        "Yritykset ja kaupungit Merenkurkun molemmin puolin esittelevät, mitä ne rakentavat: energian "
        "varastointia, sähköverkkoja, vetyä, biokaasua ja puhdasta teollisuutta.\nValitse ilmoittautuessasi "
        "ne ohjelmanosat, joihin haluat osallistua.",
    ),
    "week_opening": _three("Opening", "Invigning", "Avajaiset"),
    "week_storage": _three("Storing energy", "Att lagra energi", "Energian varastointi"),
    "week_bioeconomy": _three("Bioeconomy in practice", "Bioekonomi i praktiken", "Biotalous käytännössä"),
    "week_hydrogen": _three("Hydrogen and steel", "Vätgas och stål", "Vety ja teräs"),
    "week_waste": _three("From waste to gas", "Från avfall till gas", "Jätteestä kaasuksi"),
    "week_port": _three("The electric port", "Den elektriska hamnen", "Sähköinen satama"),
    "week_closing": _three("Closing and networking", "Avslutning och mingel", "Päätös ja verkostoituminen"),
    "seminar_title": _three(
        "Grids for the green transition",
        "Elnät för den gröna omställningen",
        "Sähköverkot vihreässä siirtymässä",
    ),
    "seminar_summary": _three(
        "How two countries build enough grid, fast enough.",
        "Så bygger två länder tillräckligt med elnät, tillräckligt snabbt.",
        "Näin kaksi maata rakentaa riittävästi verkkoa riittävän nopeasti.",
    ),
    "seminar_description": _three(
        "Three hundred seats in the city hall, and a stream for everybody else.",
        "Trehundra platser i stadshuset, och en direktsändning för alla andra.",
        "Kolmesataa paikkaa kaupungintalolla ja suora lähetys kaikille muille.",
    ),
    "seminar_grid": _three("Building the grid", "Att bygga nätet", "Verkon rakentaminen"),
    "seminar_market": _three(
        "One market, two countries", "En marknad, två länder", "Yhdet markkinat, kaksi maata"
    ),
    "visits_title": _three(
        "Open visit day: waste becomes energy",
        "Öppen besöksdag: avfall blir energi",
        "Avoin vierailupäivä: jätteestä energiaa",
    ),
    "visits_summary": _three(
        "For those who come alone or in small groups: two plants in one day.",
        "För dig som kommer ensam eller i en liten grupp: två anläggningar på en dag.",
        "Yksin tai pienessä ryhmässä tuleville: kaksi laitosta yhdessä päivässä.",
    ),
    "visits_description": _three(
        "We go by bus from the market square at nine. Wear shoes that you can walk in.",
        "Vi åker buss från torget klockan nio. Ta på dig skor som du kan gå i.",
        "Lähdemme bussilla torilta kello yhdeksän. Laita jalkaan hyvät kävelykengät.",
    ),
    "matchmaking_title": _three(
        "Matchmaking day Kvarken", "Matchmakingdag Kvarken", "Merenkurkun kohtaamispäivä"
    ),
    "matchmaking_summary": _three(
        "Meetings of twenty minutes between companies from both sides.",
        "Möten på tjugo minuter mellan företag från båda sidor.",
        "Kahdenkymmenen minuutin tapaamisia molempien puolien yritysten välillä.",
    ),
    "matchmaking_description": _three(
        "Say what you offer and whom you want to meet. You get your own schedule a week before.",
        "Berätta vad du erbjuder och vem du vill träffa. Du får ditt eget schema en vecka innan.",
        "Kerro, mitä tarjoat ja kenet haluat tavata. Saat oman aikataulusi viikkoa ennen.",
    ),
    "webinar_title": _three(
        "District heating without burning",
        "Fjärrvärme utan förbränning",
        "Kaukolämpöä ilman polttamista",
    ),
    "webinar_summary": _three(
        "Heat pumps, waste heat and storage: an hour with three towns.",
        "Värmepumpar, spillvärme och lagring: en timme med tre städer.",
        "Lämpöpumput, hukkalämpö ja varastointi: tunti kolmen kaupungin kanssa.",
    ),
    "webinar_description": _three(
        "With time for questions. The link comes with your registration.",
        "Med tid för frågor. Länken kommer med din anmälan.",
        "Aikaa on myös kysymyksille. Linkki tulee ilmoittautumisen mukana.",
    ),
    "advice_title": _three(
        "Advisory day: to Finland from Umeå",
        "Rådgivningsdag: till Finland från Umeå",
        "Neuvontapäivä: Uumajasta Suomeen",
    ),
    "advice_summary": _three(
        "Finnish advisers answer your questions about the market, law and funding.",
        "Finländska rådgivare svarar på dina frågor om marknad, lagar och finansiering.",
        "Suomalaiset neuvojat vastaavat kysymyksiisi markkinoista, laeista ja rahoituksesta.",
    ),
    "advice_description": _three(
        "Book half an hour with the adviser who suits you. It is free.",
        "Boka en halvtimme med den rådgivare som passar dig. Det är gratis.",
        "Varaa puoli tuntia sinulle sopivan neuvojan kanssa. Neuvonta on maksutonta.",
    ),
    "advice_market": _three(
        "Market, partners and establishing in Finland",
        "Marknad, partner och etablering i Finland",
        "Markkinat, kumppanit ja sijoittuminen Suomeen",
    ),
    "advice_law": _three(
        "Labour law, taxes and posted workers",
        "Arbetsrätt, skatter och utstationering",
        "Työoikeus, verotus ja lähetetyt työntekijät",
    ),
    "draft_title": _three("Batteries in the north", "Batterier i norr", "Pohjoisen akut"),
    "ticket_visitor": _three("Visitor", "Besökare", "Kävijä"),
    "ticket_exhibitor": _three("Exhibitor", "Utställare", "Näytteilleasettaja"),
    "ticket_press": _three("Press", "Press", "Lehdistö"),
    "ticket_seat": _three("In the hall", "I salen", "Salissa"),
    "ticket_online": _three("Online", "På nätet", "Verkossa"),
    "ticket_partner": _three("Partner", "Partner", "Kumppani"),
}
