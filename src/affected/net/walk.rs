//! From a part back to what reaches it: jobs, images, projects.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use super::Hit;
use super::Net;
use crate::sbom::model::Occurrence;

/// Parts followed for one question.
const MAX_PARTS: usize = 1_000_000;

/// What reaches the parts of a question.
#[derive(Debug, Default)]
pub struct Reached {
    /// For each part that was reached, the part before it on the way back to the hit and the tie between them.
    from: BTreeMap<usize, Option<(usize, usize)>>,
    /// In the order they were reached.
    order: Vec<usize>,
}

impl Net {
    /// Everything that reaches one of the hits.
    #[must_use]
    pub fn reached(&self, hits: &[Hit]) -> Reached {
        let mut out = Reached::default();
        let mut queue = VecDeque::new();
        for hit in hits {
            out.from.entry(hit.part).or_insert(None);
            match hit.tie.and_then(|tie| self.ties.get(tie).map(|known| (tie, known.from))) {
                // Of an open requirement only who asks so is led to it.
                Some((tie, from)) => out.enter(from, Some((hit.part, tie)), &mut queue),
                None => {
                    if !out.order.contains(&hit.part) {
                        out.order.push(hit.part);
                        queue.push_back(hit.part);
                    }
                }
            }
        }
        while let Some(part) = queue.pop_front() {
            if out.order.len() > MAX_PARTS {
                break;
            }
            for &tie in self.into.get(part).into_iter().flatten() {
                let Some(known) = self.ties.get(tie) else { continue };
                if self.leads_back(known) {
                    out.enter(known.from, Some((part, tie)), &mut queue);
                }
            }
            for &tie in self.out_of.get(part).into_iter().flatten() {
                let Some(known) = self.ties.get(tie) else { continue };
                // Who installs from a lock installs all that it holds.
                if known.kind == "locked-by" {
                    out.enter(known.to, Some((part, tie)), &mut queue);
                }
            }
        }
        out
    }

    /// Whether what lies at the end of a tie comes to what lies at its beginning.
    fn leads_back(&self, tie: &super::Tie) -> bool {
        let kind = |at: usize| self.parts.get(at).map_or("", |part| part.kind.as_str());
        match tie.kind.as_str() {
            // A job that waits for another one does not run what that runs.
            "depends-on" => kind(tie.from) != "job",
            "declares" => kind(tie.from) != "workflow",
            // What else comes from the same registry is not reached.
            "fetched-from" => {
                matches!(kind(tie.to), "download") || matches!(kind(tie.from), "step" | "stage" | "manifest")
            }
            "uses" | "runs" | "builds" | "loads" => true,
            _ => false,
        }
    }
}

impl Reached {
    fn enter(&mut self, part: usize, by: Option<(usize, usize)>, queue: &mut VecDeque<usize>) {
        if let std::collections::btree_map::Entry::Vacant(slot) = self.from.entry(part) {
            slot.insert(by);
            self.order.push(part);
            queue.push_back(part);
        }
    }

    /// Parts that are reached, of a kind, nearest first.
    pub fn of<'n>(&'n self, net: &'n Net, kind: &'n str) -> impl Iterator<Item = usize> + 'n {
        self.order.iter().copied().filter(move |&at| net.parts.get(at).is_some_and(|part| part.kind == kind))
    }

    /// The way from a part to the hit, in words, the part first.
    #[must_use]
    pub fn way(&self, net: &Net, part: usize) -> Vec<String> {
        let mut out = Vec::new();
        let mut at = part;
        for _ in 0..64 {
            let Some(known) = net.parts.get(at) else { break };
            let title = known.title();
            // A step without a name is called after the action that it uses.
            let is_told = out.last().is_some_and(|last: &String| {
                last.strip_prefix(&title).is_some_and(|rest| rest.is_empty() || rest.starts_with(" of "))
            });
            if !is_told {
                out.push(title);
            }
            match self.from.get(&at) {
                Some(Some((next, _))) => at = *next,
                _ => break,
            }
        }
        out
    }

    /// The hit to which the way from a part leads.
    #[must_use]
    pub fn hit_of(&self, hits: &[Hit], part: usize) -> Option<Hit> {
        let (mut at, mut by) = (part, None);
        for _ in 0..MAX_PARTS {
            match self.from.get(&at) {
                Some(Some((next, tie))) => (at, by) = (*next, Some(*tie)),
                _ => break,
            }
        }
        let of_part = || hits.iter().filter(|hit| hit.part == at);
        of_part()
            .find(|hit| hit.tie.is_some() && hit.tie == by)
            .or_else(|| of_part().find(|hit| hit.tie.is_none()))
            .copied()
    }

    /// The tie by which a part was reached.
    #[must_use]
    pub fn tie_of(&self, part: usize) -> Option<usize> {
        self.from.get(&part).copied().flatten().map(|(_, tie)| tie)
    }

    /// The part that shows best how the hit is reached: a job, an image, a project, else whatever is the furthest.
    #[must_use]
    pub fn best_end(&self, net: &Net) -> Option<usize> {
        const WEIGHT: &[&str] = &["job", "dockerfile", "crate", "distribution", "code", "script", "manifest"];
        let is_own = |at: usize| {
            let part = net.parts.get(at);
            part.is_some_and(|part| match part.kind.as_str() {
                "crate" | "distribution" => part.attributes.get("source").is_some_and(|s| s.starts_with("path")),
                _ => true,
            })
        };
        WEIGHT.iter().find_map(|kind| self.of(net, kind).find(|&at| is_own(at))).or_else(|| self.order.last().copied())
    }

    /// Places of the ties by which parts of these hits are asked for.
    #[must_use]
    pub fn spots(net: &Net, hits: &[Hit]) -> Vec<Occurrence> {
        let mut out: Vec<Occurrence> = Vec::new();
        for hit in hits {
            let Some(part) = net.parts.get(hit.part) else { continue };
            let tie = hit.tie.and_then(|tie| net.ties.get(tie));
            let how = match tie {
                Some(tie) => match &tie.requirement {
                    Some(requirement) => format!("asks for {} {requirement}", part.name),
                    None => format!("asks for {}, any version", part.name),
                },
                None => format!("names {}", part.title()),
            };
            let spots = tie.map_or(&part.spots, |tie| &tie.spots);
            out.extend(spots.iter().map(|spot| Occurrence { how: Some(how.clone()), ..spot.clone() }));
        }
        out.sort();
        out.dedup();
        out
    }
}
