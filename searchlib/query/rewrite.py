"""Owns the step from a query tree to a plan: words are analysed here, once, and nowhere later.

What the step decides:

* a word becomes its tokens: *dell'arte* the stop word *dell'* and *arte*; a compound such as
  *nord-coreano* its joined term or its parts in order; tokens with digits such as *12/03/2022*
  or *L.104/92* a phrase;
* a stop word ranks but does not select, unless there is nothing else, and then all must match;
* a word without a field is looked for in each searched field, and any of them will do;
* text in a field of values becomes a value of that field's type.

What cannot be (a date that is none, an expression that does not parse) becomes a diagnostic and a
leaf that matches nothing; the caller raises it in strict mode.

What only patterns and values need is imported where they are met: most queries have neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from searchlib import analysis
from searchlib.analysis import Analyzer, Token
from searchlib.query import plan as plans
from searchlib.query import tree
from searchlib.query.clauses import Clause, each_of, is_negative, joined, merged, one_of
from searchlib.query.diagnostics import Diagnostic, Exceeded
from searchlib.query.limits import MAX_CLAUSES, MAX_FUZZY_LETTERS
from searchlib.query.plan import Combination, NoDocuments, Plan
from searchlib.query.units import units_of
from searchlib.schema import Kind, Schema

__all__ = ["Rewritten", "rewrite"]

_LAST_CHARACTER = "\U0010ffff"

QUESTION_WORDS = frozenset(
    (
        "chi",
        "che",
        "cosa",
        "cos'",
        "quale",
        "quali",
        "qual",
        "cui",
        "quanto",
        "quanta",
        "quanti",
        "quante",
        "quant'",
        "quando",
        "dove",
        "dov'",
        "come",
        "com'",
        "perché",
        "perche",
    )
)
"""They tell what kind of answer is wanted, and texts that answer seldom repeat them."""


Shares: TypeAlias = Callable[[str, tuple[str, ...]], Sequence[float]]
"""From a term and the fields that it is looked for in to what multiplies its score in each."""


class Rewritten(NamedTuple):
    """A plan, what was found wrong on the way to it, and whether it has patterns to expand."""

    plan: Plan
    diagnostics: tuple[Diagnostic, ...]
    has_patterns: bool


class _Context(NamedTuple):
    """What surrounds a node: the fields that it is looked for in, and its boost so far.

    ``has_values`` tells whether any of the fields holds values instead of text.
    """

    fields: tuple[str, ...]
    has_values: bool
    boost: float = 1.0


def rewrite(
    query: tree.Query,
    schema: Schema,
    analyzer: Analyzer,
    *,
    mode: str,
    fields: Sequence[str],
    exact_form: float = 0.0,
    question_word: float = 1.0,
    shares: Shares | None = None,
) -> Rewritten:
    """Returns the plan of a query tree.

    Args:
        query: the tree, from the parser or built by hand.
        schema: says of each field what its values are and whether stop words select.
        analyzer: the one that the index was built with.
        mode: "any" or "all", for clauses side by side.
        fields: where words without a field are looked for.
        exact_form: weight of the form as typed beside its term; see searchlib.ranking.
        question_word: what the weight of a question word is multiplied by.
        shares: what the weight of a term is multiplied by in each of several fields, if anything.
    """
    rewriter = _Rewriter(
        schema,
        analyzer,
        mode=mode,
        exact_form=exact_form,
        question_word=question_word,
        shares=shares,
    )
    plan = rewriter.plan(query, rewriter.context(fields))
    return Rewritten(plan, tuple(rewriter.diagnostics), rewriter.has_patterns)


class _Rewriter:
    """One rewrite: collects diagnostics and counts the leaves that it makes."""

    def __init__(
        self,
        schema: Schema,
        analyzer: Analyzer,
        *,
        mode: str,
        exact_form: float,
        question_word: float,
        shares: Shares | None,
    ) -> None:
        self.schema = schema
        self.analyzer = analyzer
        self.mode = mode
        self.exact_form = exact_form
        self.question_word = question_word
        self.shares = shares
        self.diagnostics: list[Diagnostic] = []
        self._leaves_left = MAX_CLAUSES
        self.has_patterns = False

    def context(self, fields: Sequence[str], *, boost: float = 1.0) -> _Context:
        return _Context(tuple(fields), any(map(self._is_value, fields)), boost)

    def plan(self, query: tree.Query, context: _Context) -> Plan:
        return joined(self.clauses(query, context), mode=self.mode)

    def clauses(self, query: tree.Query, context: _Context) -> list[Clause]:
        return _VISIT[type(query)](self, query, context)

    def report(
        self, code: str, message: str, query: tree.Query, *, exceeded: Exceeded | None = None
    ) -> list[Clause]:
        """Notes a finding and gives the clause of a part that cannot match."""
        start, end = query.span or (0, 0)
        self.diagnostics.append(Diagnostic(code, message, start, end, exceeded=exceeded))
        return [Clause(NoDocuments(source=query))]

    def _leaf(self, made: Plan) -> Plan:
        """Counts a leaf; past the limit it matches nothing and the query says so, once."""
        self._leaves_left -= 1
        if self._leaves_left >= 0:
            return made
        if self._leaves_left == -1:
            self.diagnostics.append(
                Diagnostic(
                    "too-many-clauses",
                    f"the query has more than {MAX_CLAUSES} parts once each word is looked for "
                    "in each field; the rest is left out",
                    0,
                    0,
                )
            )
        return NoDocuments()

    # Compounds

    def _words(self, query: tree.Words, context: _Context) -> list[Clause]:
        clauses = [made for clause in query.clauses for made in self.clauses(clause, context)]
        required = [self.plan_of_all(clause, context) for clause in query.required]
        excluded = tuple(self.plan_of_all(clause, context) for clause in query.excluded)
        if not required and not excluded:
            return clauses
        content = [clause for clause in clauses if not clause.is_stop]
        stops = tuple(clause.plan for clause in clauses if clause.is_stop)
        optional: tuple[Plan, ...] = stops
        if required and self.mode == "any":
            optional += tuple(clause.plan for clause in content)
        elif content:
            required += [joined(content, mode=self.mode)]
        elif stops and not required:
            required, optional = [each_of(stops)], ()
        combined = Combination(merged(required), merged(optional), tuple(dict.fromkeys(excluded)))
        return [Clause(combined, is_negative=not required and not optional)]

    def plan_of_all(self, query: tree.Query, context: _Context) -> Plan:
        """Returns the plan of one clause in which every word of a unit must match."""
        clauses = self.clauses(query, context)
        return joined(clauses, mode=self.mode if isinstance(query, tree.Words) else "all")

    def _all(self, query: tree.All, context: _Context) -> list[Clause]:
        return self._grouped(query.clauses, context, mode="all")

    def _any(self, query: tree.Any, context: _Context) -> list[Clause]:
        return self._grouped(query.clauses, context, mode="any")

    def _grouped(
        self, clauses: Iterable[tree.Query], context: _Context, *, mode: str
    ) -> list[Clause]:
        units = []
        for clause in clauses:
            made = self.clauses(clause, context)
            inner = self.mode if isinstance(clause, tree.Words) else "all"
            if made:
                is_stop = all(unit.is_stop for unit in made)
                units.append(Clause(joined(made, mode=inner), is_stop, is_negative(made)))
        if not units:
            return []
        return [Clause(joined(units, mode=mode), is_negative=is_negative(units))]

    def _not(self, query: tree.Not, context: _Context) -> list[Clause]:
        made = self.clauses(query.clause, context)
        inner = self.mode if isinstance(query.clause, tree.Words) else "all"
        excluding = Combination(excluded=(joined(made, mode=inner),))
        return [Clause(excluding, is_negative=not is_negative(made))]

    def _in(self, query: tree.In, context: _Context) -> list[Clause]:
        if query.field not in self.schema:
            known = ", ".join(self.schema)
            return self.report(
                "unknown-field", f"no field {query.field!r}; the index has {known}", query
            )
        if self.schema[query.field].kind is Kind.STORED:
            return self.report(
                "field-not-searchable", f"field {query.field!r} is only stored", query
            )
        inner = self.context((query.field,), boost=context.boost)
        if isinstance(query.clause, tree.Words):
            return [Clause(self.plan(query.clause, inner))]
        return self.clauses(query.clause, inner)

    def _boost(self, query: tree.Boost, context: _Context) -> list[Clause]:
        return self.clauses(query.clause, context._replace(boost=context.boost * query.factor))

    def _everything(self, query: tree.Everything, context: _Context) -> list[Clause]:
        if len(context.fields) == 1 and self._is_value(context.fields[0]):
            field = context.fields[0]
            return [Clause(self._leaf(plans.Range(field, boost=context.boost, source=query)))]
        return [Clause(self._leaf(plans.AllDocuments(boost=context.boost, source=query)))]

    # Words

    def _is_value(self, field: str) -> bool:
        return field not in self.schema.texts

    def _is_stop(self, form: str, context: _Context) -> bool:
        return analysis.is_stop_word(form) and all(
            self.schema[field].stopwords is not None
            for field in context.fields
            if not self._is_value(field)
        )

    def _in_each(self, context: _Context, make: Callable[[str], Plan]) -> Plan:
        if len(context.fields) == 1:
            return self._leaf(make(context.fields[0]))
        return one_of([self._leaf(make(field)) for field in context.fields])

    def _value_clauses(
        self, text: str, query: tree.Query, context: _Context
    ) -> tuple[list[Plan], _Context]:
        """Returns the leaves for the fields of values, and the context of the text fields."""
        values: list[Plan] = []
        for field in filter(self._is_value, context.fields):
            value = self._value(field, text)
            if value is not None:
                values.append(
                    self._leaf(plans.Value(field, value, boost=context.boost, source=query))
                )
            elif len(context.fields) == 1:
                self.report(
                    "bad-value",
                    f"field {field!r} holds {self._expected(field)}; {text!r} is none",
                    query,
                )
        texts = tuple(field for field in context.fields if not self._is_value(field))
        return values, context._replace(fields=texts, has_values=False)

    def _with_values(
        self,
        text: str,
        query: tree.Query,
        context: _Context,
        make: Callable[[_Context], list[Clause]],
    ) -> list[Clause]:
        if not context.has_values:
            return make(context)
        values, texts = self._value_clauses(text, query, context)
        if not texts.fields:
            return [Clause(one_of(values))]
        clauses = make(texts)
        if not values:
            return clauses
        return [Clause(one_of([*values, *([joined(clauses, mode="all")] if clauses else [])]))]

    def _word(self, query: tree.Word, context: _Context) -> list[Clause]:
        if not context.has_values:
            return self._word_in_text(query, context)
        return self._with_values(
            query.text, query, context, lambda texts: self._word_in_text(query, texts)
        )

    def _word_in_text(self, query: tree.Word, context: _Context) -> list[Clause]:
        chunks = query.text.split()
        if len(chunks) == 1:
            # Nine words of ten are one token, and the analyser has met their chunk before.
            tokens = self.analyzer.chunk(chunks[0]).tokens
            if len(tokens) == 1 and tokens[0].positions == 1:
                return [self._single(tokens[0].form, tokens[0].term, query, context)]
        tokens_of_text = self.analyzer.analyze(query.text)
        return [self._unit(unit, query, context) for unit in units_of(tokens_of_text)]

    def _single(self, form: str, term: str, query: tree.Query, context: _Context) -> Clause:
        """Returns the clause of one token that stands for itself."""
        is_stop = self._is_stop(form, context)
        return Clause(self._term(form, term, query, context, is_stop=is_stop), is_stop)

    def _unit(self, unit: Sequence[Token], query: tree.Query, context: _Context) -> Clause:
        """Returns the clause of tokens that belong together: one word, a compound, a code."""
        whole = unit[0] if unit[0].positions > 1 else None
        parts = [token for token in unit if token.positions == 1]
        if whole is None and len(parts) == 1:
            return self._single(parts[0].form, parts[0].term, query, context)
        words = [whole] if whole else []
        words += parts if len(parts) == 1 else []
        alternatives = [
            self._term(
                word.form, word.term, query, context, is_stop=self._is_stop(word.form, context)
            )
            for word in words
        ]
        if len(parts) > 1:
            alternatives.append(self._sequence(parts, query, context))
        return Clause(one_of(alternatives))

    def _term(
        self, form: str, term: str, query: tree.Query, context: _Context, *, is_stop: bool
    ) -> Plan:
        """Returns the evidence of one word: its term, and its form where the ranking counts it."""
        boost = context.boost
        if self.question_word != 1.0 and form in QUESTION_WORDS:
            boost *= self.question_word
        form_weight = self.exact_form
        if form_weight and is_stop and not _tells_apart(form):
            form_weight = 0.0

        def make(field: str, boost: float) -> Plan:
            made = plans.Term(field, term, boost, query)
            if not form_weight:
                return made
            return Combination((made,), (plans.Form(field, form, boost * form_weight, query),))

        fields = context.fields
        if self.shares is None or len(fields) == 1:
            return self._in_each(context, lambda field: make(field, boost))
        shares = dict(zip(fields, self.shares(term, fields), strict=True))
        return self._in_each(context, lambda field: make(field, boost * shares[field]))

    def _sequence(
        self,
        tokens: Sequence[Token],
        query: tree.Query,
        context: _Context,
        *,
        slop: int = 0,
        exact: bool = False,
    ) -> Plan:
        """Returns the tokens as a phrase; a single one as the word that it is."""
        if len(tokens) == 1:
            token = tokens[0]
            return self._in_each(
                context,
                lambda field: (
                    plans.Form(field, token.form, boost=context.boost, source=query)
                    if exact
                    else plans.Term(field, token.term, boost=context.boost, source=query)
                ),
            )
        first = tokens[0].position
        words = tuple(
            (token.position - first, token.form if exact else token.term) for token in tokens
        )
        return self._in_each(
            context,
            lambda field: plans.Phrase(
                field, words, slop=slop, exact=exact, boost=context.boost, source=query
            ),
        )

    def _phrase(self, query: tree.Phrase, context: _Context) -> list[Clause]:
        def make(texts: _Context) -> list[Clause]:
            tokens = [token for token in self.analyzer.analyze(query.text) if token.positions == 1]
            if not tokens:
                return []
            return [Clause(self._sequence(tokens, query, texts, slop=query.slop))]

        return self._with_values(query.text, query, context, make)

    def _exact(self, query: tree.Exact, context: _Context) -> list[Clause]:
        def make(texts: _Context) -> list[Clause]:
            tokens = self.analyzer.analyze(query.text)
            if tokens and tokens[0].positions > 1 and len(units_of(tokens)) == 1:
                tokens = tokens[:1]
            else:
                tokens = [token for token in tokens if token.positions == 1]
            if not tokens:
                return []
            return [Clause(self._sequence(tokens, query, texts, exact=True))]

        return self._with_values(query.text, query, context, make)

    # Patterns

    def _prefix(self, query: tree.Prefix, context: _Context) -> list[Clause]:
        values = [field for field in context.fields if self._is_value(field)]
        if values:
            return self._prefix_of_values(query, context, values)
        before, last = self._split_last(query.text)
        if last is None:
            return []
        folded = analysis.fold(last)
        pattern = self._pattern(
            query,
            context,
            kind="prefix",
            pattern=folded,
            literal=folded,
            accepts=lambda form: analysis.fold(form).startswith(folded),
        )
        return [*self._units_before(before, query, context), pattern]

    def _prefix_of_values(
        self, query: tree.Prefix, context: _Context, values: Sequence[str]
    ) -> list[Clause]:
        if any(self.schema[field].kind not in (Kind.KEY, Kind.KEYWORD) for field in values):
            return self.report(
                "not-a-text-field", f"field {values[0]!r} has no prefixes; give a range", query
            )
        # Strings order by code point, so what begins with a prefix is a range.
        return [
            Clause(
                self._in_each(
                    context._replace(fields=tuple(values)),
                    lambda field: plans.Range(
                        field,
                        query.text,
                        query.text + _LAST_CHARACTER,
                        boost=context.boost,
                        source=query,
                    ),
                )
            )
        ]

    def _wildcard(self, query: tree.Wildcard, context: _Context) -> list[Clause]:
        if refused := self._refuse_values(query, context):
            return refused
        from searchlib.analysis.normalisation import normalise  # noqa: PLC0415
        from searchlib.query.patterns import PatternError, compile_wildcard  # noqa: PLC0415

        before, last = self._split_elided(normalise(query.pattern).text)
        folded = analysis.fold(last)
        try:
            automaton = compile_wildcard(folded)
        except PatternError as error:
            return self.report("pattern-too-large", f"{query.pattern}: {error}", query)
        pattern = self._pattern(
            query,
            context,
            kind="wildcard",
            pattern=folded,
            literal=automaton.literal,
            accepts=lambda form: automaton.accepts(analysis.fold(form)),
        )
        return [*self._units_before(before, query, context), pattern]

    def _fuzzy(self, query: tree.Fuzzy, context: _Context) -> list[Clause]:
        if refused := self._refuse_values(query, context):
            return refused
        from searchlib.query.patterns import levenshtein_within  # noqa: PLC0415

        before, last = self._split_last(query.text)
        if last is None:
            return []
        folded = analysis.fold(last)
        if len(folded) > MAX_FUZZY_LETTERS:
            message = f"a fuzzy word has at most {MAX_FUZZY_LETTERS} letters; it is taken as it is"
            exceeded = Exceeded("fuzzy letters", MAX_FUZZY_LETTERS, len(folded))
            self.report("pattern-too-large", message, query, exceeded=exceeded)
            return self._exact(tree.Exact(query.text, span=query.span), context)
        pattern = self._pattern(
            query,
            context,
            kind="fuzzy",
            pattern=folded,
            edits=query.edits,
            accepts=lambda form: levenshtein_within(folded, analysis.fold(form), query.edits),
        )
        return [*self._units_before(before, query, context), pattern]

    def _regex(self, query: tree.Regex, context: _Context) -> list[Clause]:
        if refused := self._refuse_values(query, context):
            return refused
        from searchlib.query.patterns import PatternError, compile_regex  # noqa: PLC0415

        try:
            # Forms are case-folded.
            automaton = compile_regex(query.pattern, ignore_case=True)
        except PatternError as error:
            return self.report("bad-regex", f"/{query.pattern}/: {error}", query)
        return [
            self._pattern(
                query,
                context,
                kind="regex",
                pattern=query.pattern,
                literal=automaton.literal,
                accepts=automaton.accepts,
            )
        ]

    def _pattern(
        self,
        query: tree.Query,
        context: _Context,
        *,
        kind: str,
        pattern: str,
        accepts: Callable[[str], bool],
        literal: str = "",
        edits: int = 0,
    ) -> Clause:
        self.has_patterns = True
        return Clause(
            self._in_each(
                context,
                lambda field: plans.Pattern(
                    field,
                    kind,
                    pattern,
                    literal=literal,
                    edits=edits,
                    accepts=accepts,
                    boost=context.boost,
                    source=query,
                ),
            )
        )

    def _refuse_values(self, query: tree.Query, context: _Context) -> list[Clause]:
        values = [field for field in context.fields if self._is_value(field)]
        if not values:
            return []
        return self.report(
            "not-a-text-field", f"field {values[0]!r} has values, not words to compare", query
        )

    def _split_last(self, text: str) -> tuple[list[Token], str | None]:
        """Returns the tokens before the last unit, and the form of that unit as a whole."""
        units = units_of(self.analyzer.analyze(text))
        if not units:
            return [], None
        return [token for unit in units[:-1] for token in unit], units[-1][0].form

    def _split_elided(self, pattern: str) -> tuple[list[Token], str]:
        """Returns the elided words in front of a pattern, and the pattern without them."""
        head, apostrophe, tail = pattern.rpartition("'")
        tokens = self.analyzer.analyze(head + apostrophe)
        if tokens and all(token.form.endswith("'") for token in tokens):
            return tokens, tail
        return [], pattern

    def _units_before(
        self, tokens: Sequence[Token], query: tree.Query, context: _Context
    ) -> list[Clause]:
        return [self._unit(unit, query, context) for unit in units_of(tokens)]

    # Values

    def _range(self, query: tree.Range, context: _Context) -> list[Clause]:
        values = [field for field in context.fields if self._is_value(field)]
        if not values or len(values) < len(context.fields):
            return self.report(
                "range-without-field",
                "a range needs a field of values, as in anno:[2020 TO 2022]",
                query,
            )
        bounds: dict[str, tuple[plans.ValueOf | None, plans.ValueOf | None]] = {}
        for field in values:
            low, high = (
                None if bound is None else self._value(field, bound)
                for bound in (query.low, query.high)
            )
            if (low is None) != (query.low is None) or (high is None) != (query.high is None):
                holds = f"field {field!r} holds {self._expected(field)}"
                return self.report("bad-value", holds, query)
            bounds[field] = low, high
        return [
            Clause(
                self._in_each(
                    context,
                    lambda field: plans.Range(
                        field,
                        *bounds[field],
                        includes_low=query.includes_low,
                        includes_high=query.includes_high,
                        boost=context.boost,
                        source=query,
                    ),
                )
            )
        ]

    def _value(self, field: str, text: str) -> plans.ValueOf | None:
        from searchlib.query.values import value_of  # noqa: PLC0415

        return value_of(text, self.schema[field].kind)

    def _expected(self, field: str) -> str:
        from searchlib.query.values import EXPECTED  # noqa: PLC0415

        return EXPECTED[self.schema[field].kind]


_VISIT: dict[type, Callable[..., list[Clause]]] = {
    tree.Word: _Rewriter._word,
    tree.Phrase: _Rewriter._phrase,
    tree.Exact: _Rewriter._exact,
    tree.Prefix: _Rewriter._prefix,
    tree.Wildcard: _Rewriter._wildcard,
    tree.Fuzzy: _Rewriter._fuzzy,
    tree.Regex: _Rewriter._regex,
    tree.Range: _Rewriter._range,
    tree.Everything: _Rewriter._everything,
    tree.Words: _Rewriter._words,
    tree.All: _Rewriter._all,
    tree.Any: _Rewriter._any,
    tree.Not: _Rewriter._not,
    tree.In: _Rewriter._in,
    tree.Boost: _Rewriter._boost,
}


def _tells_apart(form: str) -> bool:
    """Tells whether the exact form of a stop word is worth its long posting list.

    That of *di* tells nothing; *dà* and *po'* share their terms with *da* and *Po*.
    """
    return form != analysis.fold(form) or analysis.is_truncation(form)
