//! Owns searching: from a plan to the page of hits, exactly.
//!
//! A plan is weighed once ([`weigh`]: statistics of the whole snapshot, one fixed-point scale), then
//! bound to each segment as a tree of clauses ([`node`]). The tree is evaluated whole, window by
//! window of 4096 documents ([`evaluation`]), or for the page by score only as far as its bounds do
//! not tell that documents cannot get there ([`prune`], [`best_first`]). All of it gives the same
//! hits, scores and order.

mod best_first;
mod candidates;
mod clauses;
mod collect;
mod counting;
mod cursor;
mod evaluation;
mod evidence;
mod explain;
mod forms;
mod graded;
mod kin;
mod node;
mod phrase;
mod places;
mod plan;
mod prune;
mod rare_first;
mod refine;
mod tally;
mod weigh;
mod window;

use std::time::{Duration, Instant};

use crate::columns::Value;
use crate::error::{Error, Result};
use crate::kernels::{Kernels, Level};
use crate::schema::FieldKind;
use crate::snapshot::Snapshot;
use collect::{Facets, PageCollector, SortCollector};
use evaluation::Evaluation;
pub use evidence::{Evidence, MAX_PLACES};
pub use explain::{LeafScore, WordFacts, explain};
pub use kin::kin;
pub use plan::{FormSet, Plan, Wanted};
pub use refine::{RefinedField, RefinedWord, Refinement, refine, search_refined};
#[cfg(feature = "tally")]
pub use tally::take_decoded;
use weigh::weigh;
use window::Window;

/// A field to sort by; documents without a value come last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The number of the field.
    pub field: usize,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// Which of the ways to leave work out may be used; each gives the same hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruning {
    /// Ask clauses that cannot bring a document on the page about candidates only; without this
    /// everything is evaluated.
    pub clauses: bool,
    /// Leave out ranges of documents by their bounds.
    pub ranges: bool,
    /// Leave out blocks of postings by their bounds.
    pub blocks: bool,
    /// Begin with the ranges of the highest bounds.
    pub best_first: bool,
    /// Follow one phrase after the other where any may match.
    pub one_by_one: bool,
    /// Leave nothing out of segments that are small beside the page.
    pub small_whole: bool,
    /// Begin with the documents of rare words.
    pub rare_first: bool,
}

impl Pruning {
    /// Everything is evaluated.
    pub const NONE: Self = Self {
        clauses: false,
        ranges: false,
        blocks: false,
        best_first: false,
        one_by_one: false,
        small_whole: false,
        rare_first: false,
    };

    /// Everything that cannot get on the page is left out.
    pub const FULL: Self = Self {
        clauses: true,
        ranges: true,
        blocks: true,
        best_first: true,
        one_by_one: true,
        small_whole: true,
        rare_first: true,
    };
}

/// What is asked of a search beside its plan.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// How many hits the page has.
    pub limit: usize,
    /// How many hits come before it.
    pub offset: usize,
    /// Restricts the documents without scoring.
    pub filter: Option<&'a Plan>,
    /// Sorts by columns instead of by score.
    pub sort: &'a [SortKey],
    /// Fields whose values are counted over all matching documents.
    pub facets: &'a [usize],
    /// How long the search may take; what was found by then is given as partial.
    pub deadline: Option<Duration>,
    /// Whether the number of matching documents is wanted; without, less need be looked at.
    pub counts: bool,
    /// A hit that is known to be on the page: what comes after it may be left out.
    pub known: Option<Hit>,
    /// What may be left out.
    pub pruning: Pruning,
    /// The level of vector instructions, which changes no result.
    pub level: Level,
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            limit: 10,
            offset: 0,
            filter: None,
            sort: &[],
            facets: &[],
            deadline: None,
            counts: true,
            known: None,
            pruning: Pruning::FULL,
            level: Level::default(),
        }
    }
}

/// A matching document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its number in the snapshot.
    pub document: u32,
    /// Its score.
    pub score: f64,
}

/// What a search gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// How many documents match; `None` where that was not asked for and not found out.
    pub total: Option<u64>,
    /// The page of hits, best first.
    pub hits: Vec<Hit>,
    /// For each asked field its values and how many matching documents have each.
    pub facets: Vec<Vec<(Value, u64)>>,
    /// Whether the deadline cut the search short.
    pub partial: bool,
}

/// The deepest page; what is asked beyond is refused rather than collected.
pub const MAX_PAGE: usize = 1 << 20;

/// Gives the page of hits.
pub fn search(snapshot: &Snapshot, plan: &Plan, request: &Request<'_>) -> Result<Found> {
    let wanted = request.offset.saturating_add(request.limit);
    if wanted > MAX_PAGE {
        let (limit, found) = (MAX_PAGE as u64, wanted as u64);
        return Err(Error::Limit { what: "offset and limit together", limit, found });
    }
    let clock = Clock(request.deadline.and_then(|duration| Instant::now().checked_add(duration)));
    let (plan, scale) = weigh(snapshot, plan, true)?;
    let filter = request.filter.map(|filter| weigh(snapshot, filter, false)).transpose()?;
    let evaluation = Evaluation {
        snapshot,
        plan: &plan,
        filter: filter.as_ref().map(|(filter, _)| filter),
        scored: true,
        kernels: Kernels::at(request.level),
        clock: &clock,
    };
    let hit = |(points, document)| Hit { document, score: scale.score(points) };
    if request.sort.is_empty() {
        let known = request.known.map(|hit| (scale.points(hit.score), hit.document));
        let mut page = PageCollector::new(wanted, known);
        let mut found = run(&evaluation, request, &mut page)?;
        found.hits = page.finish().into_iter().skip(request.offset).map(hit).collect();
        return Ok(found);
    }
    let mut page = SortCollector::new(snapshot, request.sort, wanted)?;
    let mut found = run(&evaluation, request, &mut page)?;
    found.hits = page.finish().into_iter().skip(request.offset).map(hit).collect();
    Ok(found)
}

/// Gives the number of matching documents.
pub fn count(snapshot: &Snapshot, plan: &Plan) -> Result<u64> {
    let (plan, _) = weigh(snapshot, plan, false)?;
    let clock = Clock::default();
    Ok(Evaluation::unscored(snapshot, &plan, &clock).count()?.0)
}

/// Gives the numbers of all matching documents, ascending.
pub fn matching(snapshot: &Snapshot, plan: &Plan) -> Result<Vec<u32>> {
    let (plan, _) = weigh(snapshot, plan, false)?;
    let mut documents = Vec::new();
    let clock = Clock::default();
    Evaluation::unscored(snapshot, &plan, &clock).for_each_window(|segment, window| {
        let base = snapshot.base(segment);
        window.for_each(|document, _| documents.push(base + document));
        Ok(())
    })?;
    Ok(documents)
}

/// What takes matching documents.
trait Collector {
    /// Begins a segment whose first document has this number.
    fn begin(&mut self, segment: usize, base: u32) -> Result<()>;

    /// Takes the matching documents of a window.
    fn collect(&mut self, window: &Window) -> Result<()>;

    /// Ends a segment.
    fn end(&mut self) -> Result<()>;

    /// Gives the collector of a page by score, if it is one.
    fn as_page(&mut self) -> Option<&mut PageCollector> {
        None
    }
}

/// When a search is to stop.
#[derive(Clone, Copy, Default)]
struct Clock(Option<Instant>);

/// It never is.
static NEVER: Clock = Clock(None);

impl Clock {
    fn is_set(&self) -> bool {
        self.0.is_some()
    }

    fn is_over(&self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

fn run(
    evaluation: &Evaluation<'_>,
    request: &Request<'_>,
    collector: &mut dyn Collector,
) -> Result<Found> {
    if request.facets.is_empty()
        && request.pruning.clauses
        && evaluation.plan.can_be_pruned()
        && let Some(page) = collector.as_page()
    {
        let mut found =
            Found { partial: evaluation.find(request.pruning, page)?, ..Found::default() };
        if request.counts {
            let (total, partial) = evaluation.count()?;
            (found.total, found.partial) = (Some(total), found.partial || partial);
        }
        return Ok(found);
    }
    let snapshot = evaluation.snapshot;
    let mut facets = Facets::new(snapshot, request.facets)?;
    let mut total = 0;
    let mut current = None;
    let partial = evaluation.for_each_window(|segment, window| {
        if current != Some(segment) {
            if current.is_some() {
                collector.end()?;
            }
            collector.begin(segment, snapshot.base(segment))?;
            facets.begin(segment)?;
            current = Some(segment);
        }
        total += u64::from(window.count());
        facets.collect(window);
        collector.collect(window)
    })?;
    if current.is_some() {
        collector.end()?;
    }
    Ok(Found { total: Some(total), hits: Vec::new(), facets: facets.finish()?, partial })
}

fn column_of(snapshot: &Snapshot, field: usize) -> Result<crate::columns::ColumnType> {
    match snapshot.schema().fields().get(field).map(|field| field.kind) {
        Some(FieldKind::Column(of)) => Ok(of),
        _ => Err(Error::Argument(format!("field number {field} has no values"))),
    }
}
