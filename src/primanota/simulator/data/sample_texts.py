"""Names, references and notes of the invented company: data only, chosen to include what often breaks files."""

NBSP = "\u00a0"

PAYERS = (
    "Müller & Söhne Zweiradhandel GmbH",
    "Vélos du Midi SARL",
    "Cicli Città di Forlì S.r.l.",
    "Straßenglück Lastenräder eG",
    "=SUMME Handels GmbH",
    "Łódź Rowery Sp. z o.o.",
    "@Home Radverleih UG (haftungsbeschränkt)",
    "Hôtel de l'Étoile Chambéry",
    "Ægir Sykler AS",
    "Fahrradladen „Zum Kettenblatt“",
    "Anne-Sophie Lefèvre",
    "Jürgen Weiß",
    f"Stadtwerke{NBSP}Görlitz{NBSP}AG",
    "+49 Velo-Hotline GmbH",
)
PAYEES = (
    "Stahlrohr Großhandel KG",
    "Finanzamt für Körperschaften II",
    "Krankenkasse Nordlicht",
    "+41 Alpenlager AG",
    "@Werk Coworking Kreuzberg",
    "=1+1 Agentur für Zahlen",
    "Çelik Schweißtechnik",
    "Rahmenbau Dvořák s.r.o.",
    "Société Générale des Pédales",
    "Officina Meccanica Però & Figli",
    "Bäckerei Süßmund",
    "Käthe Groß (Miete)",
    'Spedition O\'Brien "Express"',
    "Notariat Dr. Åkesson",
)
SHOPS = (
    ("BAUHAUS BERLIN-HALENSEE", "Bauhaus"),
    ("DB VERTRIEB GMBH", "Deutsche Bahn"),
    ("GITHUB, INC.", "GitHub"),
    ("AMZN MKTP DE*2K4RT", None),
    ("CAFÉ AM NEUEN SEE", None),
    ("SHELL 4711", "Shell"),
    ("TFL TRAVEL CH", None),
    ("IKEA DEUTSCHLAND", "IKEA"),
    ("東京自転車部品", None),
)
CREDITORS = (
    ("Vattenfall Europe Sales GmbH", "MNDT-0815-VAT"),
    ("Telekom Deutschland GmbH", "DE000101000000000000"),
    ("Allianz Versicherungs-AG", "ALZ/2024/77-Ü"),
    ("Hetzner Online GmbH", "K1234567890"),
)
REFERENCES: tuple[str | None, ...] = (
    "RE-2025-0815",
    "Rechnung 4711; Skonto 2 %; danke",
    None,
    'Auftrag "Morgenrot Eins"',
    "Facture n° 2025/118 été",
    "Zeile eins\nZeile zwei",
    "Fattura 77/B, attività di novembre",
    f"Kd-Nr.{NBSP}12{NBSP}345",
    '=HYPERLINK("http://example.invalid")',
    "Größe 58 cm, weiß, 2 Stück à 1.299,00 €",
    "",
    "NOTPROVIDED",
    "Zażółć gęślą jaźń",
    "SVWZ+Miete Dezember EREF+2025-12-M",
)
NOTES: tuple[str | None, ...] = (
    None,
    "Bitte prüfen 🚲",
    None,
    None,
    "Bewirtung: 3 Gäste; Anlass: Messe",
    None,
    "déjà payé ?",
    None,
    "mit Privatkarte „ausgelegt“",
    None,
    None,
)
MEMBERS = (
    ("Aurora", "Morgenrot", "owner"),
    ("Jörg", "Straßmann", "admin"),
    ("Élodie", "Brûlé", "manager"),
    ("Zoë", "Łukasik", "employee"),
    ("Niccolò", "D'Amore", "employee"),
    ("Björn-Ole", "von der Heyde", "accountant"),
    ("Çiğdem", "Yıldız", "reporting"),  # noqa: RUF001 - a real letter of this name
)
FIRST_NAMES = ("Änne", "Bruno", "Cécile", "Dörte", "Emil", "Franka", "Günther", "Hélène", "Iñigo", "Jana")
LAST_NAMES = ("Öztürk", "Schäfer", "Dupré", "Weiß", "Nowak", "Rossi", "Kühn", "Groß", "Moreau", "Lindqvist")

# (name, index of the parent or None): two levels, the most that the bank allows.
LABELS: tuple[tuple[str, int | None], ...] = (
    ("Fertigung", None),
    ("Rohre & Lötmittel", 0),
    ("Büro", None),
    ("Büro; Möbel", 2),
    ("=Sonderposten", None),
    ("+Förderung", 4),
    ("Messe „Eurobike“", None),
    ("Été à vélo", 6),
)

# (name of the category, name of the subcategory), in the company's language.
CASHFLOW = (
    ("Verkäufe", "Fahrräder"),
    ("Material", "Stahl"),
    ("Personal", "Gehälter"),
    ("Steuern", "Umsatzsteuer"),
)
# The same in English, and whether the category is of money that comes in.
ENGLISH_CASHFLOW = (
    ("Sales", "Bicycles", True),
    ("Material", "Steel", False),
    ("Staff", "Salaries", False),
    ("Taxes", "Value added tax", False),
)
TEAMS = ("Morgenrot", "Werkstatt", "Büro & Verkauf")
RECEIPT_FILE_NAMES = ("Rechnung.pdf", "facture été.pdf", "Beleg_0815.jpg", "scontrino.png")
RECEIPT_CONTENT_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
PROBATIVE_STATUSES = ("available", "pending", "unavailable", "corrupted")
