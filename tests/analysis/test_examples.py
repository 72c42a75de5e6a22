"""Each phenomenon of written Italian by example; every expected form is written by hand."""

import pytest

from searchlib.analysis import Analyzer, analyze, fold, form_of, is_stop_word, term_of


def forms(text: str) -> str:
    """Returns the forms of the tokens of a text, with spaces between them."""
    return " ".join(token.form for token in analyze(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dell'università", "dell' università"),
        ("NELL’ARIA", "nell' aria"),
        ("l' acqua", "l' acqua"),
        ("c'è v'è s'è com'è dov'è", "c' è v' è s' è com' è dov' è"),
        ("cos'e' qual'è quant'è", "cos' è qual' è quant' è"),
        ("d'accordo, mezz'ora, poc'anzi", "d' accordo mezz' ora poc' anzi"),
        ("quest'altr'anno", "quest' altr' anno"),
        ("ventott'anni, ventiquattr'ore", "ventott' anni ventiquattr' ore"),
        ("gliel'ha dev'essere", "gliel' ha dev' essere"),
        ("Sant'Agata de' Goti", "sant' agata de' goti"),
        ("D'Annunzio e dell'Acqua", "d' annunzio e dell' acqua"),
        ("l'8 settembre, dell'1,5%", "l' 8 settembre dell' 1,5"),
        ("dell'U.S.A. all'on.le", "dell' usa all' onle"),
        ("l'FBI", "l' fbi"),
        ("un'po'di", "un' po' di"),
        ("Ca'Foscari", "ca' foscari"),
    ],
)
def test_elided_words_are_tokens(text: str, expected: str) -> None:
    """An elided word is a token with its apostrophe, and the next word is another."""
    assert forms(text) == expected


@pytest.mark.parametrize(
    ("text", "whole", "parts"),
    [
        ("O'Brien", "o'brien", "o brien"),
        ("rock'n'roll", "rock'n'roll", "rock n roll"),
        ("M’Bappé", "m'bappé", "m bappé"),
        ("e-mail", "e-mail", "e mail"),
        ("covid-19", "covid-19", "covid 19"),
        ("Muhajir-6", "muhajir-6", "muhajir 6"),
        ("2022‐2023", "2022-2023", "2022 2023"),
        ("perchè-no", "perché-no", "perché no"),
        ("pseudo-citta'", "pseudo-città", "pseudo città"),
        ("nord-dell'Adda", "nord-dell'adda", "nord dell' adda"),
        ("Mario.Rossi@example.it", "mario.rossi@example.it", "mario rossi example it"),
        ("http://Istat.it/a_b/", "http://istat.it/a_b", "istat it a b"),
        ("www.istat.it,", "www.istat.it", "www istat it"),
    ],
)
def test_compounds_are_whole_and_parts(text: str, whole: str, parts: str) -> None:
    """A compound is one token over the positions of its parts, which follow it."""
    first, *others = analyze(text)
    assert (first.form, first.position, first.positions) == (whole, 0, len(others))
    assert " ".join(token.form for token in others) == parts
    assert [token.position for token in others] == list(range(len(others)))


def test_compounds_of_too_many_parts_are_words() -> None:
    """Sixty-four parts have a whole; one more has none."""
    assert analyze("-".join("a" * 64))[0].positions == 64
    assert forms("-".join("a" * 65)) == " ".join("a" * 65)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("perche' perchè PERCHE` perché", "perché perché perché perché"),
        ("E' È e’ è", "è è è è"),
        ("citta' cittá città", "città città città"),
        ("caffe' caffé", "caffè caffè"),
        ("piu' gia' cosi' pero' cioe'", "più già così però cioè"),
        ("sara' parlera' partiro' andra'", "sarà parlerà partirò andrà"),
        ("ando' fini' pote'", "andò finì poté"),
        ("lunedi' virtu' tribu'", "lunedì virtù tribù"),
        ("velocita' elasticita' varieta'", "velocità elasticità varietà"),
        ("ne' se' si' la' li'", "né sé sì là lì"),
        ("E'stato piu'di", "è stato più di"),
        ("José café Pelé", "josé café pelé"),
        ("cafe\u0301 citta\u0300", "café città"),
    ],
)
def test_final_accents_have_one_spelling(text: str, expected: str) -> None:
    """An apostrophe or a wrong direction for an accent gives the accented word."""
    assert forms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("po' mo' di' fa' va' sta' da'", "po' mo' di' fa' va' sta' da'"),
        ("be', to’, ca' de' co'", "be' to' ca' de' co'"),
    ],
)
def test_truncations_keep_their_apostrophe(text: str, expected: str) -> None:
    """A truncated word is told from the word without its apostrophe."""
    assert forms(text) == expected
    assert all(token.text.endswith(("'", "’")) for token in analyze(text))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("'citta'", "citta"),
        ("‘perche’", "perche"),
        ("('po')", "po"),
        ("amici'", "amici"),
        ("partita'", "partita"),
        ("pensiero'", "pensiero"),
        ("vita'", "vita"),
        ("rock'", "rock"),
        ("«così»", "così"),
    ],
)
def test_quotation_marks_are_not_accents(text: str, word: str) -> None:
    """An apostrophe that closes a quotation is no part of the word."""
    (token,) = analyze(text)
    assert (token.text, token.form) == (word, word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234,56", "1234,56"),
        ("€1.234.567", "1234567"),
        ("1234,56 3,5 1234.56", "1234,56 3,5 1234.56"),
        ("0.123", "0.123"),
        ("50%", "50"),
        ("12/03/2022", "12 03 2022"),
        ("10.10.2022", "10 10 2022"),
        ("1,2,3", "1 2 3"),
        ("ore 18:30", "ore 18 30"),
        ("3,5kg 10km", "3,5 kg 10km"),
        ("art.2043", "art 2043"),
        ("L.104/92", "l 104 92"),
        ("A4 H2O 4x4", "a4 h2o 4x4"),
        ("pre-1,5", "pre 1,5"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    """A number is one token without its dots of thousands; dates and times are their numbers."""
    assert forms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S.A. U.S.A USA", "usa usa usa"),
        ("S.p.A. Spa", "spa spa"),
        ("d.lgs. D.Lgs", "dlgs dlgs"),
        ("c.c. c.p.c.", "cc cpc"),
        ("dott.ssa sig.ra", "dottssa sigra"),
        ("G. Verdi", "g verdi"),
        ("G.Verdi", "g verdi"),
        ("ex-U.R.S.S.", "ex urss"),
        ("fine.Inizio", "fine inizio"),
    ],
)
def test_acronyms_and_abbreviations(text: str, expected: str) -> None:
    """Letters and dots are one word; a full stop without a space is none of it."""
    assert forms(text) == expected


def test_tags_keep_their_sign() -> None:
    """A tag and a mention have their sign in the form, and the term of the word."""
    tokens = analyze("#Terremoto @mario_rossi")
    assert [token.form for token in tokens] == ["#terremoto", "@mario_rossi"]
    assert tokens[0].term == term_of("terremoto")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("«Sì»—disse…“no”", "sì disse no"),
        ("e/o casa–scuola", "e o casa scuola"),
        ("_corsivo_ **forte**", "corsivo forte"),
        ("ca\u00adsa mil\u200bano", "casa milano"),
        ("Google™ ﬁne", "google fine"),
        ("casa\ud800casa", "casa casa"),
        ("… — ' - . 😀", ""),
        ("", ""),
    ],
)
def test_everything_else_separates_or_vanishes(text: str, expected: str) -> None:
    """Punctuation separates words, invisible characters do not."""
    assert forms(text) == expected


def test_offsets_are_those_of_the_given_text() -> None:
    """Soft hyphens, combining marks and typographic apostrophes count as they stand."""
    text = "Dell’u\u00adni\u00adversita\u0300, \u200bE` U.S.A."
    assert [token.text for token in analyze(text)] == [
        "Dell’",
        "u\u00adni\u00adversita\u0300",
        "E`",
        "U.S.A.",
    ]


@pytest.mark.parametrize(
    "group",
    [
        "dell' dello della del dei degli delle",
        "l' lo la il i gli le gl'",
        "un uno una un'",
        "d' di",
        "nell' nello nella nel nei negli nelle",
        "coll' col coi",
        "quest' questo questa questi queste",
        "quell' quello quella quelli quelle quel quei quegli",
        "sant' santo santa santi san",
        "bell' bello bella bei begli bel",
        "buon' buono buona buon",
        "vent' venti",
        "com' come",
        "città citta citta' CITTÀ",
        "perché perchè perche' perche",
        "e-mail email",
        "O'Brien OBrien",
        "U.S.A. usa",
        "libro libri",
        "missile missili",
        "università universita'",
        "però pero'",
        "po po'",
        "dà da",
    ],
)
def test_these_share_a_term(group: str) -> None:
    """Spellings and inflections of one word are indexed under one term."""
    assert len({analyze(word)[0].term for word in group.split()}) == 1


@pytest.mark.parametrize("pair", ["però per", "cola col", "nono non", "noia noi", "coni con"])
def test_content_words_stay_apart_from_function_words(pair: str) -> None:
    """A word whose Snowball stem is a preposition or the like has a term of its own."""
    content, function = pair.split()
    assert term_of(content) != term_of(function)


def test_accents_do_not_change_terms() -> None:
    """A word typed without accents has the term of the accented one."""
    accented = "perché città università caffè più così libertà àncora virtù sarà parlò lì"
    for word in accented.split():
        assert term_of(word) == term_of(fold(word))


@pytest.mark.parametrize("word", ["il", "dell'", "della", "è", "non", "perché", "c'", "po'"])
def test_stop_words(word: str) -> None:
    """Articles, prepositions, pronouns and auxiliaries are stop words, elided ones too."""
    assert is_stop_word(word)


@pytest.mark.parametrize("word", ["stato", "ora", "sant'", "mezz'", "università", "po", ""])
def test_content_words(word: str) -> None:
    """Nouns are no stop words, though some are also forms of a verb or an adverb."""
    assert not is_stop_word(word)


def test_form_of_a_word() -> None:
    """The form of a word is that of its first token; what has no word has no form."""
    assert [form_of(word) for word in ["CITTA'", "Dell’", "e-mail", "?", "\ud800"]] == [
        "città",
        "dell'",
        "e-mail",
        "",
        "",
    ]


def test_fold() -> None:
    """Folding takes accents off Latin letters and leaves the vowels of other scripts."""
    assert fold("ÈŚŁØßæı") == "eslossaei"
    assert fold("हिन्दी") == "हिन्दी"


def test_long_chunks_are_analysed_without_being_remembered() -> None:
    """The cache holds chunks of usual length only, and at most two generations of them."""
    analyzer = Analyzer()
    analyzer.analyze("casa " + "a" * 1000)
    assert set(analyzer._chunks) == {"casa"}


def test_chunks_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many chunks are met, two generations are held, and the tokens stay the same."""
    monkeypatch.setattr("searchlib.analysis.analyzer._GENERATION_CHUNKS", 4)
    analyzer = Analyzer()
    text = " ".join(f"parola{number} casa" for number in range(50))
    assert analyzer.analyze(text) == Analyzer().analyze(text)
    assert list(analyzer.stream(text)) == list(Analyzer().stream(text))
    assert len(analyzer._chunks) <= 4
    assert len(analyzer._chunks._elders) <= 4
    assert "casa" in analyzer._chunks or "casa" in analyzer._chunks._elders
