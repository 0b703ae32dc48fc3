"""The demo's document: a discharge letter as clinics write them. Every name, number and place in it is made up."""

from collections.abc import Iterator
from pathlib import Path

import pdf
from common import Failure

FONTS = Path("/usr/share/fonts/truetype/liberation")
LEFT, TOP, BOTTOM = 62.0, 70.0, 780.0
WIDTH = pdf.PAGE_WIDTH - 2 * LEFT
SIZE, LEADING = 10.5, 16.0
TITLE = "Entlassungsbrief"

TEXT = """\
= Klinikum Musterstadt
Klinik für Innere Medizin und Kardiologie, Am Alten Markt 1, 01067 Musterstadt
Telefon 0351 0000-100, innere@klinikum-musterstadt.example.org
-
Musterstadt, den 14. März 2025

= Entlassungsbrief
Sehr geehrte Frau Kollegin, sehr geehrter Herr Kollege,

wir berichten über Herrn Gerhard Grünwald, geboren am 3. Juli 1948, wohnhaft Lindenweg 7, 01097 Musterstadt, der \
sich vom 3. März bis zum 14. März 2025 in unserer stationären Behandlung befand.

== Diagnosen
- Akute Dekompensation einer chronischen Herzinsuffizienz, NYHA III (I50.13)
- Permanentes Vorhofflimmern, CHA2DS2-VASc-Score 5 (I48.2)
- Arterielle Hypertonie, zuletzt gut eingestellt (I10.00)
- Diabetes mellitus Typ 2, diätetisch und oral behandelt (E11.90)
- Chronische Niereninsuffizienz, Stadium G3a A2 (N18.3)
- Zustand nach Hüft-Totalendoprothese rechts, 2016 (Z96.6)

== Anamnese
Die stationäre Aufnahme erfolgte über unsere Notaufnahme bei seit etwa zehn Tagen zunehmender Belastungsdyspnoe, \
zuletzt bereits nach wenigen Stufen, sowie Beinödemen und einer Gewichtszunahme von rund sechs Kilogramm. Fieber, \
Husten mit Auswurf und thorakale Schmerzen wurden verneint. Die häusliche Medikation war nach Angaben der Ehefrau in \
den Wochen zuvor unregelmäßig eingenommen worden, nachdem eine Packung Torasemid aufgebraucht war.

== Aufnahmebefund
76-jähriger Patient in reduziertem Allgemein- und adipösem Ernährungszustand, wach und allseits orientiert. \
Blutdruck 158/92 mmHg, Puls 104/min arrhythmisch, Sauerstoffsättigung 90 % unter Raumluft, Temperatur 36,8 °C, \
Gewicht 98,4 kg bei 176 cm. Über beiden Lungen basal feuchte, nicht klingende Rasselgeräusche. Herztöne rein, leises \
Systolikum über der Herzspitze. Deutliche Unterschenkelödeme beidseits bis zum Knie, gestaute Halsvenen. Abdomen \
weich, kein Druckschmerz, Leber zwei Querfinger unter dem Rippenbogen tastbar. Neurologisch orientierend \
unauffällig.

== Labor
| Parameter | Aufnahme | Entlassung | Referenz
| NT-proBNP (pg/ml) | 6.842 | 2.110 | < 450
| Kreatinin (mg/dl) | 1,62 | 1,38 | 0,70 – 1,20
| eGFR (ml/min/1,73 m²) | 42 | 51 | > 60
| Kalium (mmol/l) | 3,4 | 4,2 | 3,5 – 5,1
| Natrium (mmol/l) | 131 | 138 | 136 – 145
| Hämoglobin (g/dl) | 12,1 | 12,4 | 13,5 – 17,2
| HbA1c (%) | 7,4 | – | < 6,5
| CRP (mg/l) | 8,1 | 3,0 | < 5,0
| Troponin T (ng/l) | 31 | 28 | < 14

== Apparative Diagnostik
EKG bei Aufnahme: Tachyarrhythmia absoluta bei Vorhofflimmern, Frequenz 106/min, Linkstyp, keine signifikanten \
Erregungsrückbildungsstörungen.

Röntgen-Thorax: Verbreiterter Herzschatten, pulmonalvenöse Stauung II. Grades, beidseitige Randwinkelergüsse, kein \
Anhalt für ein pneumonisches Infiltrat.

Transthorakale Echokardiographie: Linksventrikuläre Ejektionsfraktion 38 %, diffuse Hypokinesie, linker Vorhof auf \
49 mm vergrößert, Mitralklappeninsuffizienz II. Grades, systolischer pulmonalarterieller Druck 44 mmHg. Kein \
Perikarderguss.

Abdomen-Sonographie: Stauungsleber, Pleuraergüsse beidseits (rechts 300 ml, links 150 ml), Nieren beidseits normal \
groß mit leicht verschmälertem Parenchym, kein Harnaufstau.

== Therapie und Verlauf
Unter intravenöser Gabe von Furosemid, Flüssigkeitsbilanzierung und vorübergehender Sauerstoffgabe über die \
Nasenbrille kam es zu einer raschen Besserung. Das Körpergewicht ging bis zur Entlassung auf 91,2 kg zurück, die \
Ödeme waren nur noch knöchelnah nachweisbar. Eine Hypokaliämie wurde oral ausgeglichen. Die Frequenzkontrolle gelang \
mit Bisoprolol; die Antikoagulation mit Apixaban wurde unverändert fortgeführt. Bei reduzierter Pumpfunktion haben \
wir Sacubitril/Valsartan nach Absetzen von Ramipril (Pause 36 Stunden) sowie Dapagliflozin begonnen; beides wurde \
gut vertragen.

Der Patient wurde von unserer Physiotherapie täglich mobilisiert und konnte zuletzt eine Etage sicher steigen. In \
der Ernährungsberatung wurden Salz- und Trinkmengenbeschränkung besprochen. Der Sozialdienst hat mit dem Patienten \
und seiner Ehefrau eine Anschlussrehabilitation beantragt; die Kostenzusage liegt vor.

== Medikation bei Entlassung
| Wirkstoff | Stärke | mo – mi – ab | Hinweis
| Sacubitril/Valsartan | 24/26 mg | 1 – 0 – 1 | neu, alle 2 Wochen steigern
| Bisoprolol | 5 mg | 1 – 0 – 0 | erhöht
| Dapagliflozin | 10 mg | 1 – 0 – 0 | neu
| Spironolacton | 25 mg | 1 – 0 – 0 | Kalium kontrollieren
| Torasemid | 10 mg | 2 – 1 – 0 | nach Gewicht anpassen
| Apixaban | 5 mg | 1 – 0 – 1 | unverändert
| Metformin | 500 mg | 1 – 0 – 1 | unverändert
| Ramipril | 5 mg | abgesetzt | nicht mit Sacubitril!

== Empfehlungen
- Tägliche Gewichtskontrolle; bei Zunahme um mehr als 2 kg in drei Tagen bitte Torasemid anpassen und Vorstellung
- Kontrolle von Kalium, Natrium und Kreatinin in einer Woche, danach alle vier Wochen
- Trinkmenge höchstens 1,8 Liter am Tag, kochsalzarme Kost
- Echokardiographische Kontrolle in drei Monaten; bei einer Ejektionsfraktion von weiterhin höchstens 35 % bitten \
wir um Vorstellung zur Prüfung der Indikation für einen Defibrillator
- Impfungen gegen Influenza, Pneumokokken und COVID-19 gemäß STIKO

== Weiteres Vorgehen
Die Anschlussrehabilitation beginnt am 18. März 2025 im Reha-Zentrum Musterwald. Der Patient wurde über Diagnosen, \
Medikation und Verhaltensmaßnahmen aufgeklärt und erhielt einen bundeseinheitlichen Medikationsplan. Wir danken für \
die vertrauensvolle Zusammenarbeit und stehen für Rückfragen gern zur Verfügung.

Mit freundlichen kollegialen Grüßen


~ Dr. med. Juliane Musterfrau | | Stefan Beispiel |
~ Oberärztin | | Assistenzarzt |
"""

COLUMNS = (0.0, 140.0, 210.0, 350.0)


class Typesetter:
    """Fills pages from top to bottom."""

    def __init__(self, fonts: dict[str, pdf.Font]) -> None:
        self._fonts = fonts
        self.pages: list[pdf.Page] = []
        self._y = BOTTOM

    def _advance(self, height: float) -> pdf.Page:
        if self._y + height > BOTTOM:
            self.pages.append(pdf.Page())
            self._y = TOP
        self._y += height
        return self.pages[-1]

    def _wrapped(self, text: str, width: float) -> Iterator[str]:
        line = ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if self._fonts["Regular"].width_of(longer, SIZE) > width and line:
                yield line
                longer = word
            line = longer
        yield line

    def paragraph(self, text: str, indent: float = 0.0) -> None:
        for line in self._wrapped(text, WIDTH - indent):
            self._advance(LEADING).text(LEFT + indent, self._y, "Regular", SIZE, line)

    def heading(self, text: str, size: float) -> None:
        if self._y + 4 * LEADING > BOTTOM:
            self._y = BOTTOM  # a heading does not stand alone at the foot of a page
        self._advance(LEADING / 2 + size).text(LEFT, self._y, "Bold", size, text)
        self._y += LEADING / 4

    def item(self, text: str) -> None:
        first = len(self.pages), self._y
        self.paragraph(text, indent=14.0)
        page, y = (first[0] - 1, first[1] + LEADING) if first[1] + LEADING <= BOTTOM else (first[0], TOP + LEADING)
        self.pages[page].text(LEFT, y, "Regular", SIZE, "•")

    def row(self, cells: list[str], font: str) -> None:
        page = self._advance(LEADING)
        for column, cell in zip(COLUMNS, cells, strict=True):
            page.text(LEFT + column, self._y, font, SIZE, cell.strip())

    def rule(self) -> None:
        self._advance(LEADING / 2).line(LEFT, self._y, WIDTH)
        self._y += LEADING / 2

    def space(self) -> None:
        self._y += LEADING / 2

    def footers(self) -> None:
        for number, page in enumerate(self.pages, 1):
            page.line(LEFT, BOTTOM + 14, WIDTH)
            page.text(LEFT, BOTTOM + 28, "Regular", 8.0,
                      f"Klinikum Musterstadt – Grünwald, Gerhard – Seite {number} von {len(self.pages)}")


def typeset(into: Typesetter) -> None:
    in_table = False
    for line in TEXT.split("\n"):
        if line.startswith("== "):
            into.heading(line[3:], 11.0)
        elif line.startswith("= "):
            into.heading(line[2:], 15.0)
        elif line.startswith("| "):
            into.row(line[2:].split("|"), "Regular" if in_table else "Bold")
        elif line.startswith("~ "):
            into.row(line[2:].split("|"), "Regular")
        elif line.startswith("- "):
            into.item(line[2:])
        elif line == "-":
            into.rule()
        elif line:
            into.paragraph(line)
        else:
            into.space()
        in_table = line.startswith("| ")
    into.footers()


def make() -> tuple[bytes, int]:
    """The PDF and its number of pages."""
    try:
        fonts = {style: pdf.Font(FONTS / f"LiberationSans-{style}.ttf") for style in ("Regular", "Bold")}
    except OSError as missing:
        raise Failure(f"{missing}; the package fonts-liberation is needed (./dev setup)") from None
    typesetter = Typesetter(fonts)
    typeset(typesetter)
    return pdf.write(typesetter.pages, fonts, TITLE), len(typesetter.pages)
