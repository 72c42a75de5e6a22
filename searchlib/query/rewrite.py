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
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import attrs

from searchlib.analysis import Analyzer, Token, fold, is_stop_word
from searchlib.analysis.normalisation import normalise
from searchlib.query import plan as plans
from searchlib.query import tree
from searchlib.query.diagnostics import Diagnostic, Exceeded
from searchlib.query.limits import MAX_CLAUSES, MAX_FUZZY_LETTERS
from searchlib.query.patterns import (
    PatternError,
    compile_regex,
    compile_wildcard,
    levenshtein_within,
)
from searchlib.query.plan import Combination, Leaf, NoDocuments, Plan, replace_leaves
from searchlib.query.values import EXPECTED, value_of
from searchlib.schema import Kind, Schema

__all__ = ["Rewritten", "rewrite"]

_LAST_CHARACTER = "\U0010ffff"


class Rewritten(NamedTuple):
    """A plan and what was found wrong on the way to it."""

    plan: Plan
    diagnostics: tuple[Diagnostic, ...]


class _Clause(NamedTuple):
    """A plan for one unit of the query: whether it is only a stop word, or only excludes."""

    plan: Plan
    is_stop: bool = False
    is_negative: bool = False


class _Context(NamedTuple):
    """What surrounds a node: the fields that it is looked for in, and its boost so far."""

    fields: tuple[str, ...]
    boost: float = 1.0


def rewrite(
    query: tree.Query,
    schema: Schema,
    analyzer: Analyzer,
    *,
    mode: str,
    fields: Sequence[str],
    exact_form: float = 0.0,
) -> Rewritten:
    """Returns the plan of a query tree.

    Args:
        query: the tree, from the parser or built by hand.
        schema: says of each field what its values are and whether stop words select.
        analyzer: the one that the index was built with.
        mode: "any" or "all", for clauses side by side.
        fields: where words without a field are looked for.
        exact_form: weight of the form as typed beside its term; see searchlib.ranking.
    """
    rewriter = _Rewriter(schema, analyzer, mode=mode, exact_form=exact_form)
    plan = rewriter.plan(query, _Context(tuple(fields)))
    return Rewritten(plan, tuple(rewriter.diagnostics))


def _merged(clauses: Iterable[Plan]) -> tuple[Plan, ...]:
    """Returns the clauses without repetitions, each with the boosts of all that it stands for.

    Scores are proportional to boosts: *gatto gatto^2* scores as before, and is looked for once.
    """
    total: dict[Plan, float] = {}
    for clause in clauses:
        bare, boost = clause, 1.0
        if not isinstance(clause, Combination | NoDocuments):
            bare, boost = attrs.evolve(clause, boost=1.0), clause.boost
        total[bare] = total.get(bare, 0.0) + boost
    return tuple(_times(clause, boost) for clause, boost in total.items())


def _times(plan: Plan, factor: float) -> Plan:
    if factor == 1.0:
        return plan

    def boosted(leaf: Leaf) -> Leaf:
        if isinstance(leaf, NoDocuments):
            return leaf
        return attrs.evolve(leaf, boost=leaf.boost * factor)

    return replace_leaves(plan, boosted)


def _one_of(clauses: Iterable[Plan]) -> Plan:
    clauses = _merged(clauses)
    if len(clauses) == 1:
        return clauses[0]
    return Combination(optional=clauses) if clauses else NoDocuments()


def _each_of(clauses: Iterable[Plan]) -> Plan:
    clauses = _merged(clauses)
    if len(clauses) == 1:
        return clauses[0]
    return Combination(required=clauses) if clauses else NoDocuments()


def _joined(clauses: Sequence[_Clause], *, mode: str) -> Plan:
    """Returns the clauses as one plan, stop words ranking but not selecting.

    Stop words with nothing beside them, or with negations only, are what the query is about.
    """
    content = [clause.plan for clause in clauses if not clause.is_stop]
    stops = tuple(clause.plan for clause in clauses if clause.is_stop)
    if stops and all(clause.is_stop or clause.is_negative for clause in clauses):
        content, stops = [_each_of(stops), *content], ()
    if not stops:
        return _each_of(content) if mode == "all" else _one_of(content)
    required = _merged(content) if mode == "all" else (_one_of(content),)
    return Combination(required=required, optional=_merged(stops))


def _is_negative(clauses: Sequence[_Clause]) -> bool:
    return bool(clauses) and all(clause.is_negative for clause in clauses)


class _Rewriter:
    """One rewrite: collects diagnostics and counts the leaves that it makes."""

    def __init__(self, schema: Schema, analyzer: Analyzer, *, mode: str, exact_form: float) -> None:
        self.schema = schema
        self.analyzer = analyzer
        self.mode = mode
        self.exact_form = exact_form
        self.diagnostics: list[Diagnostic] = []
        self._leaves_left = MAX_CLAUSES
        self._visit: dict[type, Callable[..., list[_Clause]]] = {
            tree.Word: self._word,
            tree.Phrase: self._phrase,
            tree.Exact: self._exact,
            tree.Prefix: self._prefix,
            tree.Wildcard: self._wildcard,
            tree.Fuzzy: self._fuzzy,
            tree.Regex: self._regex,
            tree.Range: self._range,
            tree.Everything: self._everything,
            tree.Words: self._words,
            tree.All: self._all,
            tree.Any: self._any,
            tree.Not: self._not,
            tree.In: self._in,
            tree.Boost: self._boost,
        }

    def plan(self, query: tree.Query, context: _Context) -> Plan:
        return _joined(self.clauses(query, context), mode=self.mode)

    def clauses(self, query: tree.Query, context: _Context) -> list[_Clause]:
        return self._visit[type(query)](query, context)

    def report(
        self, code: str, message: str, query: tree.Query, *, exceeded: Exceeded | None = None
    ) -> list[_Clause]:
        """Notes a finding and gives the clause of a part that cannot match."""
        start, end = query.span or (0, 0)
        self.diagnostics.append(Diagnostic(code, message, start, end, exceeded=exceeded))
        return [_Clause(NoDocuments(source=query))]

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

    def _words(self, query: tree.Words, context: _Context) -> list[_Clause]:
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
            required += [_joined(content, mode=self.mode)]
        elif stops and not required:
            required, optional = [_each_of(stops)], ()
        combined = Combination(_merged(required), _merged(optional), tuple(dict.fromkeys(excluded)))
        return [_Clause(combined, is_negative=not required and not optional)]

    def plan_of_all(self, query: tree.Query, context: _Context) -> Plan:
        """Returns the plan of one clause in which every word of a unit must match."""
        clauses = self.clauses(query, context)
        return _joined(clauses, mode=self.mode if isinstance(query, tree.Words) else "all")

    def _all(self, query: tree.All, context: _Context) -> list[_Clause]:
        return self._grouped(query.clauses, context, mode="all")

    def _any(self, query: tree.Any, context: _Context) -> list[_Clause]:
        return self._grouped(query.clauses, context, mode="any")

    def _grouped(
        self, clauses: Iterable[tree.Query], context: _Context, *, mode: str
    ) -> list[_Clause]:
        units = []
        for clause in clauses:
            made = self.clauses(clause, context)
            inner = self.mode if isinstance(clause, tree.Words) else "all"
            if made:
                is_stop = all(unit.is_stop for unit in made)
                units.append(_Clause(_joined(made, mode=inner), is_stop, _is_negative(made)))
        if not units:
            return []
        return [_Clause(_joined(units, mode=mode), is_negative=_is_negative(units))]

    def _not(self, query: tree.Not, context: _Context) -> list[_Clause]:
        made = self.clauses(query.clause, context)
        inner = self.mode if isinstance(query.clause, tree.Words) else "all"
        excluding = Combination(excluded=(_joined(made, mode=inner),))
        return [_Clause(excluding, is_negative=not _is_negative(made))]

    def _in(self, query: tree.In, context: _Context) -> list[_Clause]:
        if query.field not in self.schema:
            known = ", ".join(self.schema)
            return self.report(
                "unknown-field", f"no field {query.field!r}; the index has {known}", query
            )
        if self.schema[query.field].kind is Kind.STORED:
            return self.report(
                "field-not-searchable", f"field {query.field!r} is only stored", query
            )
        inner = context._replace(fields=(query.field,))
        if isinstance(query.clause, tree.Words):
            return [_Clause(self.plan(query.clause, inner))]
        return self.clauses(query.clause, inner)

    def _boost(self, query: tree.Boost, context: _Context) -> list[_Clause]:
        return self.clauses(query.clause, context._replace(boost=context.boost * query.factor))

    def _everything(self, query: tree.Everything, context: _Context) -> list[_Clause]:
        if len(context.fields) == 1 and self._is_value(context.fields[0]):
            field = context.fields[0]
            return [_Clause(self._leaf(plans.Range(field, boost=context.boost, source=query)))]
        return [_Clause(self._leaf(plans.AllDocuments(boost=context.boost, source=query)))]

    # Words

    def _is_value(self, field: str) -> bool:
        return self.schema[field].kind is not Kind.TEXT

    def _is_stop(self, form: str, context: _Context) -> bool:
        return is_stop_word(form) and all(
            self.schema[field].stopwords is not None
            for field in context.fields
            if not self._is_value(field)
        )

    def _in_each(self, context: _Context, make: Callable[[str], Plan]) -> Plan:
        return _one_of([self._leaf(make(field)) for field in context.fields])

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
                    f"field {field!r} holds {EXPECTED[self.schema[field].kind]}; {text!r} is none",
                    query,
                )
        texts = tuple(field for field in context.fields if not self._is_value(field))
        return values, context._replace(fields=texts)

    def _with_values(
        self,
        text: str,
        query: tree.Query,
        context: _Context,
        make: Callable[[_Context], list[_Clause]],
    ) -> list[_Clause]:
        values, texts = self._value_clauses(text, query, context)
        if not texts.fields:
            return [_Clause(_one_of(values))]
        clauses = make(texts)
        if not values:
            return clauses
        return [_Clause(_one_of([*values, *([_joined(clauses, mode="all")] if clauses else [])]))]

    def _word(self, query: tree.Word, context: _Context) -> list[_Clause]:
        return self._with_values(
            query.text, query, context, lambda texts: self._word_in_text(query, texts)
        )

    def _word_in_text(self, query: tree.Word, context: _Context) -> list[_Clause]:
        tokens = self.analyzer.analyze(query.text)
        return [self._unit(unit, query, context) for unit in _units(tokens)]

    def _unit(self, unit: Sequence[Token], query: tree.Query, context: _Context) -> _Clause:
        """Returns the clause of tokens that belong together: one word, a compound, a code."""
        whole = unit[0] if unit[0].positions > 1 else None
        parts = [token for token in unit if token.positions == 1]
        alternatives = [self._term(whole, query, context)] if whole else []
        if len(parts) == 1:
            alternatives.append(self._term(parts[0], query, context))
        elif parts:
            alternatives.append(self._sequence(parts, query, context))
        is_stop = whole is None and len(parts) == 1 and self._is_stop(parts[0].form, context)
        return _Clause(_one_of(alternatives), is_stop)

    def _term(self, token: Token, query: tree.Query, context: _Context) -> Plan:
        form_boost = context.boost * self.exact_form
        # The exact form of *di* tells nothing and costs a long posting list; that of *dà* tells
        # it from *da*, with which it shares a term.
        is_common = token.form == fold(token.form) and self._is_stop(token.form, context)

        def make(field: str) -> Plan:
            term = plans.Term(field, token.term, boost=context.boost, source=query)
            if not form_boost or is_common:
                return term
            form = plans.Form(field, token.form, boost=form_boost, source=query)
            return Combination(required=(term,), optional=(form,))

        return self._in_each(context, make)

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

    def _phrase(self, query: tree.Phrase, context: _Context) -> list[_Clause]:
        def make(texts: _Context) -> list[_Clause]:
            tokens = [token for token in self.analyzer.analyze(query.text) if token.positions == 1]
            if not tokens:
                return []
            return [_Clause(self._sequence(tokens, query, texts, slop=query.slop))]

        return self._with_values(query.text, query, context, make)

    def _exact(self, query: tree.Exact, context: _Context) -> list[_Clause]:
        def make(texts: _Context) -> list[_Clause]:
            tokens = self.analyzer.analyze(query.text)
            if tokens and tokens[0].positions > 1 and len(_units(tokens)) == 1:
                tokens = tokens[:1]
            else:
                tokens = [token for token in tokens if token.positions == 1]
            if not tokens:
                return []
            return [_Clause(self._sequence(tokens, query, texts, exact=True))]

        return self._with_values(query.text, query, context, make)

    # Patterns

    def _prefix(self, query: tree.Prefix, context: _Context) -> list[_Clause]:
        values = [field for field in context.fields if self._is_value(field)]
        if values:
            return self._prefix_of_values(query, context, values)
        before, last = self._split_last(query.text)
        if last is None:
            return []
        folded = fold(last)
        pattern = self._pattern(
            query,
            context,
            kind="prefix",
            pattern=folded,
            literal=folded,
            accepts=lambda form: fold(form).startswith(folded),
        )
        return [*self._units_before(before, query, context), pattern]

    def _prefix_of_values(
        self, query: tree.Prefix, context: _Context, values: Sequence[str]
    ) -> list[_Clause]:
        if any(self.schema[field].kind not in (Kind.KEY, Kind.KEYWORD) for field in values):
            return self.report(
                "not-a-text-field", f"field {values[0]!r} has no prefixes; give a range", query
            )
        # Strings order by code point, so what begins with a prefix is a range.
        return [
            _Clause(
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

    def _wildcard(self, query: tree.Wildcard, context: _Context) -> list[_Clause]:
        if refused := self._refuse_values(query, context):
            return refused
        before, last = self._split_elided(normalise(query.pattern).text)
        folded = fold(last)
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
            accepts=lambda form: automaton.accepts(fold(form)),
        )
        return [*self._units_before(before, query, context), pattern]

    def _fuzzy(self, query: tree.Fuzzy, context: _Context) -> list[_Clause]:
        if refused := self._refuse_values(query, context):
            return refused
        before, last = self._split_last(query.text)
        if last is None:
            return []
        folded = fold(last)
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
            accepts=lambda form: levenshtein_within(folded, fold(form), query.edits),
        )
        return [*self._units_before(before, query, context), pattern]

    def _regex(self, query: tree.Regex, context: _Context) -> list[_Clause]:
        if refused := self._refuse_values(query, context):
            return refused
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
    ) -> _Clause:
        return _Clause(
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

    def _refuse_values(self, query: tree.Query, context: _Context) -> list[_Clause]:
        values = [field for field in context.fields if self._is_value(field)]
        if not values:
            return []
        return self.report(
            "not-a-text-field", f"field {values[0]!r} has values, not words to compare", query
        )

    def _split_last(self, text: str) -> tuple[list[Token], str | None]:
        """Returns the tokens before the last unit, and the form of that unit as a whole."""
        units = _units(self.analyzer.analyze(text))
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
    ) -> list[_Clause]:
        return [self._unit(unit, query, context) for unit in _units(tokens)]

    # Values

    def _range(self, query: tree.Range, context: _Context) -> list[_Clause]:
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
                expected = EXPECTED[self.schema[field].kind]
                return self.report("bad-value", f"field {field!r} holds {expected}", query)
            bounds[field] = low, high
        return [
            _Clause(
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
        return value_of(text, self.schema[field].kind)


def _units(tokens: Sequence[Token]) -> list[list[Token]]:
    """Groups tokens that belong together: a compound with its parts, tokens with digits."""

    def add(units: list[list[Token]], token: Token) -> list[list[Token]]:
        if units and _belongs(units[-1], token):
            units[-1].append(token)
        else:
            units.append([token])
        return units

    return reduce(add, tokens, [])


def _belongs(unit: Sequence[Token], token: Token) -> bool:
    whole = unit[0]
    if whole.positions > 1:
        return token.position < whole.position + whole.positions
    if token.positions > 1 or any(token.form.endswith("'") for token in (*unit, token)):
        return False
    return any(char.isdigit() for word in (*unit, token) for char in word.form)
