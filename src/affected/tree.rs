//! Answers over a tree as it lies there.

mod added;
mod bill;
mod compiled;
mod composed;
mod exposed;
mod gaps;
mod installed;
mod mentions;
mod text;

use super::Answer;
use super::Asked;
use super::Fit;
use super::Standing;
use super::documents::bare;
use super::net::Hit;
use super::net::Net;
use super::net::Part;
use super::net::Reached;
use crate::diag::redact::redact;
use crate::read::Reading;
use crate::rules::Scene;
use crate::sbom::model::Occurrence;
use crate::source::Tree;

/// Lines that one answer names.
const MAX_SPOTS: usize = 200;

/// Asks a tree. `who` is what the answers call it.
#[must_use]
pub fn of_scene(scene: &Scene<'_>, tree: &Tree, reading: &Reading, who: &str, questions: &[Asked]) -> Vec<Answer> {
    let mut net = Net::of_graph(scene.graph, scene.sources);
    let compiled = compiled::Compiled::of(scene);
    added::to(&mut net, scene, &compiled);
    composed::to(&mut net, scene, tree);
    let exposure = exposed::Exposure::of(scene);
    let gaps = gaps::Gaps::of(scene, tree, reading, &compiled);
    let bill = bill::Bill::new(scene, tree);
    let one = |asked: &Asked| {
        let mut answer = of_net(&net, asked, who);
        text::look(scene, asked, &mut answer);
        exposure.tell(&mut answer);
        bill.tell(asked, &mut answer);
        // What only tests and the like need is in no image and no program.
        let is_unshipped = |hit: &Hit| net.parts.get(hit.part).is_some_and(|part| bill.is_excluded(part));
        if !answer.rebuild.is_empty() && counted(&net.hits(asked)).iter().all(is_unshipped) {
            answer.rebuild.clear();
        }
        answer
    };
    let mut answers: Vec<Answer> = questions.iter().map(one).collect();
    let open = questions.iter().enumerate().zip(&answers).filter(|(_, answer)| answer.standing == Standing::No);
    let open: Vec<(usize, &Asked)> = open.map(|(question, _)| question).collect();
    let mentions = mentions::Mentions::of(tree, scene, reading, &open);
    for ((number, asked), answer) in questions.iter().enumerate().zip(&mut answers) {
        if answer.standing == Standing::No {
            let hidden = gaps.about(asked);
            let hits = net.hits(asked);
            // Where a lock holds it at another version, what is installed beside the lock does not decide.
            let is_held = hits.first().is_some_and(|hit| hit.tie.is_none());
            let says = |why: String| match why.strip_prefix(gaps::UNNAMED) {
                Some(why) if !hits.is_empty() => format!("{}, but {why}", answer.why),
                _ => why,
            };
            let open = hidden.open.map(says);
            answer.aside = open.iter().filter(|_| is_held).cloned().chain(hidden.aside).collect();
            answer.aside.extend(mentions.aside(number).cloned());
            let unheld = open.filter(|_| !is_held);
            let why = hidden.why.or_else(|| mentions.why(number)).or(unheld);
            if let Some(why) = why.or_else(|| bill.unknown(asked, answer.standing)) {
                answer.standing = Standing::CannotKnow;
                answer.why = why;
            }
        }
        tidy(answer);
    }
    answers
}

/// Asks a net: of a tree, or as it was saved.
#[must_use]
pub fn of_net(net: &Net, asked: &Asked, who: &str) -> Answer {
    let hits = net.hits(asked);
    let Some(best) = hits.first() else {
        return bare(asked, who, Standing::No, "nothing in it names it".to_owned());
    };
    let standing = best.fit.standing();
    let mut answer = bare(asked, who, standing, why(net, *best));
    if standing == Standing::No {
        return answer;
    }
    let counted = counted(&hits);
    let same = counted.get(..counted.iter().take_while(|hit| hit.fit == best.fit).count()).unwrap_or_default();
    let reached = net.reached(same);
    if let Some(end) = reached.best_end(net) {
        answer.path = reached.way(net, end);
        // The reason and the way are of one place.
        if let Some(hit) = reached.hit_of(same, end) {
            answer.why = why(net, hit);
        }
    }
    let all = net.reached(counted);
    answer.spots = Reached::spots(net, counted);
    answer.jobs = exposed::jobs_of(net, &all);
    answer.rebuild = rebuild(net, &all);
    tidy(&mut answer);
    answer
}

/// The hits that the answer stands on: those that are or may be it; where there are none, those in doubt.
fn counted(hits: &[Hit]) -> &[Hit] {
    let end = |least: Fit| hits.iter().take_while(|hit| hit.fit >= least).count();
    let sure = end(Fit::Admits);
    hits.get(..if sure > 0 { sure } else { end(Fit::Unclear) }).unwrap_or_default()
}

/// Why a hit stands as it does.
fn why(net: &Net, hit: Hit) -> String {
    let Some(part) = net.parts.get(hit.part) else { return String::new() };
    let tie = hit.tie.and_then(|tie| net.ties.get(tie));
    let spots = tie.map_or(&part.spots, |tie| &tie.spots);
    let spot = spots.first().or(part.spots.first());
    let place = spot.map_or_else(|| "it".to_owned(), |spot| format!("{} line {}", spot.path, spot.line));
    let asked = tie.and_then(|tie| tie.requirement.as_deref());
    let title = part.title();
    let is_package = matches!(part.kind.as_str(), "crate" | "distribution" | "conda-package");
    let reference =
        part.version.as_deref().or(part.attributes.get("revision").map(String::as_str)).filter(|r| !r.is_empty());
    let unheld =
        if part.key.starts_with(added::OPEN) { "and the lock beside it is not heeded" } else { "and no lock holds it" };
    match (hit.fit, part.kind.as_str()) {
        (Fit::Exact, _) if is_package => format!("{place} holds {title}"),
        (Fit::Exact, _) => format!("{place} names {title}"),
        (Fit::Admits, _) if is_package => match asked {
            Some(asked) => format!("{place} asks for {} {asked}, which lets it in, {unheld}", part.name),
            None => format!("{place} asks for {} in any version, {unheld}", part.name),
        },
        (Fit::Admits, "action") => {
            format!("{place} uses {title}, a name that may have led to it")
        }
        (Fit::Admits, _) => match reference {
            Some(reference) => format!("{place} takes {} at {reference}, a name that may have led to it", part.name),
            None => format!("{place} takes {} without a revision", part.name),
        },
        (Fit::Unclear, _) => match (&part.comment, asked) {
            (Some(comment), _) => {
                format!("{place} uses {title} ({comment}), and which commits were meant is not known")
            }
            (None, Some(asked)) => format!("{place} asks for {} {asked}, which cannot be read", part.name),
            (None, None) => format!("{place} names {title}, which cannot be compared with what is asked for"),
        },
        (Fit::Elsewhere, _) if is_package && asked.is_some() => {
            format!("{place} asks for {} {}, which does not let it in", part.name, asked.unwrap_or_default())
        }
        (Fit::Elsewhere | Fit::Different, _) => format!("{place} holds {title}"),
    }
}

/// What is to be made again.
fn rebuild(net: &Net, reached: &Reached) -> Vec<String> {
    let mut out = Vec::new();
    for at in reached.of(net, "dockerfile") {
        let Some(part) = net.parts.get(at) else { continue };
        if is_aside(part) {
            continue;
        }
        let tags = part.attributes.get("tags").filter(|tags| !tags.is_empty());
        out.push(match tags {
            Some(tags) => format!("image of {} ({tags})", part.name),
            None => format!("image of {}", part.name),
        });
    }
    for at in reached.of(net, "crate") {
        let Some(part) = net.parts.get(at) else { continue };
        let is_own = part.attributes.get("source").is_some_and(|source| source.starts_with("path"));
        let is_product = part.attributes.get("role").is_some_and(|role| role == "product");
        if is_own && is_product && part.attributes.get("binary").is_some_and(|is| is == "true") {
            out.push(format!("program of crate {}", part.name));
        }
    }
    out
}

fn is_aside(part: &Part) -> bool {
    part.attributes.get("role").is_some_and(|role| matches!(role.as_str(), "fixture" | "vendored" | "example" | "test"))
}

/// Puts lists in order, takes out what is secret and cuts what is long.
fn tidy(answer: &mut Answer) {
    answer.why = redact(&answer.why);
    answer.path.iter_mut().chain(&mut answer.aside).for_each(|text| *text = redact(text));
    answer.spots.sort();
    answer.spots.dedup();
    answer.spots.truncate(MAX_SPOTS);
    for spot in &mut answer.spots {
        redact_spot(spot);
    }
    answer.rebuild.sort();
    answer.rebuild.dedup();
    answer.jobs.sort();
    answer.jobs.dedup();
}

fn redact_spot(spot: &mut Occurrence) {
    spot.how = spot.how.as_deref().map(redact);
}
