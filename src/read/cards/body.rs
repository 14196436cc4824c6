//! The text of a card below its head, by its headings.

use std::collections::BTreeMap;

use super::plain;
use super::sections::Field;
use super::sections::fields_of;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;

/// Characters of one text.
const TEXT: usize = 1000;
/// Characters of a description.
const DESCRIPTION: usize = 300;
/// Lines of a card that are looked at.
const LINES: usize = 50_000;

/// A heading around the line that is read.
struct Around {
    level: usize,
    fields: Vec<Field>,
}

/// Puts what the text of a card says into what is told.
pub(super) fn read(body: &str, told: &mut Told) {
    let body = plain::without_comments(body);
    let mut found: BTreeMap<(Field, bool), Vec<&str>> = BTreeMap::new();
    let mut first: Vec<&str> = Vec::new();
    let mut around: Vec<Around> = Vec::new();
    let mut fence: Option<&str> = None;
    let mut title: Option<String> = None;
    for line in body.lines().take(LINES) {
        let bare = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        if fence.is_some() || mark.is_some() {
            continue;
        }
        if let Some((level, heading)) = heading(line) {
            if level == 1 && title.is_none() {
                title = plain::one_line(heading).filter(|title| title.chars().count() <= 120);
            }
            while around.last().is_some_and(|last| last.level >= level) {
                around.pop();
            }
            let outer = around.last().map(|last| last.fields.clone()).unwrap_or_default();
            around.push(Around { level, fields: fields_of(heading).unwrap_or(outer) });
            continue;
        }
        if let Some((label, rest)) = labelled(bare)
            && let Some(fields) = fields_of(label).filter(|fields| !fields.is_empty())
        {
            for field in &fields {
                found.entry((*field, fields.len() > 1)).or_default().push(rest);
            }
            continue;
        }
        match around.last() {
            Some(last) if !last.fields.is_empty() => {
                for field in &last.fields {
                    found.entry((*field, last.fields.len() > 1)).or_default().push(line);
                }
            }
            Some(last) if last.level > 1 => {}
            // The first words below the title.
            _ if first.len() < 40 => first.push(line),
            _ => {}
        }
    }
    fill(&found, &first, told);
    if told.name.is_none() {
        told.name = title.and_then(|title| own_name(&title));
    }
}

/// A heading with its level; a line that is bold as a whole is one of the lowest.
fn heading(line: &str) -> Option<(usize, &str)> {
    let line = line.trim_end();
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&level)
        && let Some(title) = line[level..].strip_prefix([' ', '\t'])
    {
        return Some((level, title.trim().trim_end_matches('#').trim()));
    }
    let bold = line.trim().strip_prefix("**")?.strip_suffix("**")?;
    (!bold.is_empty() && bold.len() <= 80 && !bold.contains("**")).then(|| (7, bold.trim_end_matches(':')))
}

/// A line such as `- **Intended use:** chat`: the words in bold, and what follows.
fn labelled(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix(['-', '*', '+']).filter(|rest| rest.starts_with(' ')).unwrap_or(line).trim_start();
    let (label, rest) = line.strip_prefix("**")?.split_once("**")?;
    let is_label = label.len() <= 80 && (label.ends_with(':') || rest.starts_with(':'));
    let rest = rest.trim_start_matches(':').trim();
    (is_label && !rest.is_empty()).then_some((label.trim_end_matches(':'), rest))
}

fn fill(found: &BTreeMap<(Field, bool), Vec<&str>>, first: &[&str], told: &mut Told) {
    // A part that speaks of one thing alone is taken before one that speaks of several.
    let text = |field: Field, most: usize| {
        let of = |is_mixed| plain::text(found.get(&(field, is_mixed))?, most);
        of(false).or_else(|| of(true))
    };
    let card = &mut told.card;
    let put = |to: &mut Option<String>, field| {
        if to.is_none() {
            *to = text(field, TEXT);
        }
    };
    put(&mut card.intended_use, Field::Intended);
    put(&mut card.out_of_scope, Field::OutOfScope);
    put(&mut card.limitations, Field::Limits);
    put(&mut card.ethics, Field::Ethics);
    put(&mut card.bias, Field::Bias);
    put(&mut card.preprocessing, Field::Preprocessing);
    put(&mut card.anonymisation, Field::Anonymisation);
    put(&mut card.updates, Field::Updates);
    put(&mut card.sensitive, Field::Sensitive);
    if told.subject == Subject::Dataset {
        put(&mut card.collection, Field::Collection);
    } else {
        put(&mut card.training, Field::Training);
    }
    if card.energy.is_none() {
        // A number alone says what it cost; where the part has none, nothing is known.
        card.energy = text(Field::Energy, 300).filter(|text| text.bytes().any(|byte| byte.is_ascii_digit()));
    }
    if told.description.is_none() {
        told.description = text(Field::Description, DESCRIPTION)
            .or_else(|| plain::text(first, DESCRIPTION).filter(|text| text.chars().count() >= 40));
    }
}

/// The name in a title: `Model Card for Orion 7B` is of `Orion 7B`. None of a title that names nothing.
fn own_name(title: &str) -> Option<String> {
    let lower = title.to_ascii_lowercase();
    let lead = ["model card for ", "dataset card for ", "model card: ", "dataset card: ", "model card of "];
    let name = lead.iter().find_map(|lead| lower.starts_with(lead).then(|| &title[lead.len()..])).unwrap_or(title);
    let name = name.strip_suffix(" Model Card").or_else(|| name.strip_suffix(" Dataset Card")).unwrap_or(name).trim();
    let is_general = matches!(
        name.to_ascii_lowercase().as_str(),
        "model id"
            | "model name"
            | "dataset name"
            | "readme"
            | "model card"
            | "dataset card"
            | "introduction"
            | "overview"
            | "model trained using autotrain"
    );
    (!is_general && !name.is_empty() && name.chars().count() <= 80 && !plain::is_blank(name)).then(|| name.to_owned())
}
