"""Questions about a sample and rules of a tool: recognised by their English text, and said in another language."""

from collections.abc import Iterator

import pytest

from primanota import profiles
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.language.sample_sentences import sample_sentence
from primanota.core.language.tool_rules import tool_rule
from primanota.profiles.learning import learn
from primanota.profiles.learning.encodings import _UNKNOWN
from primanota.profiles.learning.meanings import _SAID
from primanota.profiles.learning.sample import _DELIMITERS
from tests.support.banks.bank_samples import bank_samples

_OTHERS = sorted({*LANGUAGES} - {"en"})
# What each opens: days, signs, decimal marks, directions, encodings, columns, and all that a profile cannot write.
_SAMPLES = (
    "Datum;Betrag;Text\n01.02.2026;12;Käse\n",
    "Datum;Betrag;Text\n01/02/2026;1.000;a\n02/02/2026;-2.000;b\n",
    "Day;Amount;Kind;Text\n2026-01-02;1.00;C;a\n2026-01-03;2.00;X;b\n",
    "Day;Amount;Soll/Haben;Text\n2026-01-02;1.00;Q;a\n2026-01-03;2.00;Z;b\n",
    "a;b;c\n1;2;3\n4;5;6\n",
    "sep=;\nDatum;Einnahme;Ausgabe;Text\n01.12.2026;1,00;;x\n02.12.2026;0,00;-2,00;y\n",
    "A bank\nOf ours\nDatum;Betrag;Text\n13.12.2026;+1.000,00 EUR;x\n14.12.2026;(2,00);y\n15.12.2026;3,00-;z\nE;;\n",
    "A bank\nDatum;Betrag;Text\n13.12.2026;1,00;x\n14.12.2026;2,00;y\nToo;short\n15.12.2026;3,00;z\n",
    "Datum;Betrag;Text\n13.12.2026;1,00;x\n14.12.2026;2,00;y\n15.12.2026;3,00;z\n16.12.2026;3,00;z\nThe;;\nend;;\n",
    "Datum;Betrag;Text\n13.12.2026;1,00;x\nToo;short\nToo;short\n14.12.2026;2,00;y\n15.12.2026;3,00;z\n",
    '"Datum";"Betrag";"Text"\n"13.12.2026";"-1,00";"x"\n"14.12.2026";2,00;"y"\n',
    "Datum;Einnahme;Ausgabe;Text\n01.12.2026;-1,00;;x\n02.12.2026;;-2,00;y\n03.12.2026;;3,00;y\n",
    "13.12.2026;x;5,00;\n14.12.2026;y;;1,00\n15.12.2026;z;;2,00\n",
    "Datum;Einnahme;Etwas;Text\n01.12.2026;1,00;;x\n02.12.2026;;2,00;y\n",
    "Datum;Betrag,Text;Art\n13.12.2026;a,b;x\n14.12.2026;a,b;x\n",
    'Datum;Betrag;Text\n13.12.2026;-1,00;"x"\n14.12.2026;2,00;y\n15.12.2026;3,00;z\nToo;short\n',
    "Datum;Eingang;Text\n13.12.2026;1,00;x\n14.12.2026;2,00;y\n",
    "13.12.2026;x;5,00;1,00\n14.12.2026;y;6,00;1,00\n",
    "Day,Money in,Money out,Balance\n2026-12-01,0,5.00,105.00\n2026-12-02,0,1.00,106.00\n2026-12-03,2.00,0,104.00\n",
    "Buchungstag;Code;Betrag;Text\n13.12.2026;NTRF;-1,00;x\n14.12.2026;NMSC;2,00;y\n",
)


def _sentences(text: str) -> Iterator[str]:
    found = learn(text.encode())
    yield from found.notes
    for question in found.questions:
        yield question.text
        yield from (one.meaning for one in (*question.answers, *question.choices) if one.meaning)


@pytest.mark.parametrize("language", _OTHERS)
def test_each_question_about_a_sample_is_known(language: str) -> None:
    """Every question, meaning and note that samples open is said in each language, save the words of the sample."""
    texts = (*_SAMPLES, *(one.text for one in bank_samples().values()))
    said = {one: sample_sentence(one, language) for text in texts for one in _sentences(text)}
    own = {one for one in said if one[:1] in "“-" or one[0].isdigit()}  # days, amounts and cells stay
    assert {one for one, now in said.items() if one == now} - own == set()
    assert len(said) > 60


@pytest.mark.parametrize("language", _OTHERS)
def test_each_meaning_of_an_answer_is_known(language: str) -> None:
    """What a column may contain, an encoding and a delimiter are said in each language."""
    for meaning in (*_SAID.values(), *_UNKNOWN.values(), *_DELIMITERS.values()):
        assert sample_sentence(meaning, language) != meaning


@pytest.mark.parametrize("language", _OTHERS)
def test_each_rule_of_a_tool_is_known(language: str) -> None:
    """Every rule of every profile of the program is said in each language."""
    rules = {rule for name in profiles.names() for rule in profiles.load(name).rules.in_words()}
    assert len(rules) > 10
    assert {rule for rule in rules if tool_rule(rule, language) == rule} == set()


def test_numbers_and_days_as_the_language_writes_them() -> None:
    """A number, a day and a sentence within a sentence are said as the language does."""
    assert tool_rule("No more than 1,000 rows in a file: more are split into numbered ones.", "de") == (
        "Höchstens 1.000 Umsätze in einer Datei: mehr werden auf nummerierte verteilt."
    )
    assert sample_sentence("“05.10.2026” is 5 October 2026", "de") == "„05.10.2026“ ist der 05.10.2026"
    asked = "Column 3, “Art” (“x”): what does it contain?"
    assert sample_sentence(asked, "de") == "Spalte 3, „Art“ (“x”): Was enthält sie?"
    assert sample_sentence(asked, "en") == asked
