//! Several files that tell of one thing, as one. What a card says in words is its own; what a configuration or a
//! header says of numbers is nearer to the weights.

use super::Form;
use crate::graph::kinds::card::Base;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;
use crate::sbom::model::Card;
use crate::sbom::model::RelationKind;

/// All that is told, by weight of who tells it.
#[must_use]
pub fn all<'t>(told: impl Iterator<Item = &'t Told>) -> Told {
    let mut sorted: Vec<&Told> = told.collect();
    sorted.sort_by_key(|told| rank(told.form));
    let headers = parameters(&sorted);
    let mut out = Told::default();
    for (index, one) in sorted.iter().enumerate() {
        if index == 0 {
            out.form = one.form;
        }
        add(&mut out, one);
    }
    // Headers know the types of the weights; a configuration says in which they are loaded.
    let of_headers = || sorted.iter().filter(|told| told.form == Form::Header).flat_map(|told| &told.card.dtypes);
    if of_headers().next().is_some() {
        out.card.dtypes = of_headers().cloned().collect();
    }
    out.card.parameters =
        headers.or_else(|| sorted.iter().filter(|t| t.form != Form::Header).find_map(|t| t.card.parameters));
    out
}

/// Who is asked first for words.
fn rank(form: Form) -> u8 {
    match form {
        Form::Card => 0,
        Form::Croissant => 1,
        Form::DatasetInfo => 2,
        Form::AdapterConfig => 3,
        Form::Config => 4,
        Form::Header => 5,
        Form::Tokenizer => 6,
        Form::ShardIndex => 7,
    }
}

/// Parameters of all headers together, where each is told and all files that an index lists are among them. Of one
/// model in several formats the numbers would be counted twice, so that one format is counted: that of one file, or
/// of as many as the index says.
fn parameters(sorted: &[&Told]) -> Option<u64> {
    let headers: Vec<&&Told> = sorted.iter().filter(|told| told.form == Form::Header).collect();
    let shards = sorted.iter().filter(|told| told.form == Form::ShardIndex).map(|told| told.shards.len()).max();
    if headers.len() != shards.unwrap_or(1) {
        return None;
    }
    headers.iter().try_fold(0_u64, |all, told| all.checked_add(told.card.parameters?)).filter(|all| *all > 0)
}

fn add(out: &mut Told, one: &Told) {
    out.is_sure |= one.is_sure;
    out.subject = match (out.subject, one.subject) {
        (Subject::Unsaid, other) | (other, Subject::Unsaid) => other,
        (Subject::Dataset, _) => Subject::Dataset,
        (_, Subject::Adapter) | (Subject::Adapter, _) => Subject::Adapter,
        (first, _) => first,
    };
    let fill = |to: &mut Option<String>, from: &Option<String>| {
        if to.is_none() {
            to.clone_from(from);
        }
    };
    fill(&mut out.name, &one.name);
    fill(&mut out.version, &one.version);
    fill(&mut out.description, &one.description);
    // A licence that a card names is not named again by the header of its weights in other words.
    if out.licences.is_empty() {
        out.licences.clone_from(&one.licences);
    }
    if out.makers.is_empty() {
        out.makers.clone_from(&one.makers);
    }
    one.bases.iter().for_each(|base| add_base(&mut out.bases, base));
    for (to, from) in [(&mut out.trained_on, &one.trained_on), (&mut out.tested_on, &one.tested_on)] {
        for text in from {
            if !to.iter().any(|known| known.value == text.value) {
                to.push(text.clone());
            }
        }
    }
    out.links.extend(one.links.iter().cloned());
    out.distributions.extend(one.distributions.iter().cloned());
    out.shards.extend(one.shards.iter().cloned());
    out.weight_bytes = out.weight_bytes.or(one.weight_bytes);
    out.released = out.released.or(one.released);
    card(&mut out.card, &one.card);
}

/// A base that is known is kept with what says most of how it was made.
pub fn add_base(bases: &mut Vec<Base>, base: &Base) {
    match bases.iter_mut().find(|known| known.name == base.name) {
        Some(known) => {
            if known.relation == RelationKind::DerivedFrom {
                known.relation = base.relation;
            }
            if known.revision.is_none() {
                known.revision.clone_from(&base.revision);
            }
        }
        None => bases.push(base.clone()),
    }
}

/// Puts what one card says into another: what is there already stays, lists are joined.
pub fn card(out: &mut Card, one: &Card) {
    for (to, from) in [
        (&mut out.approach, &one.approach),
        (&mut out.family, &one.family),
        (&mut out.quantisation, &one.quantisation),
        (&mut out.intended_use, &one.intended_use),
        (&mut out.out_of_scope, &one.out_of_scope),
        (&mut out.limitations, &one.limitations),
        (&mut out.ethics, &one.ethics),
        (&mut out.bias, &one.bias),
        (&mut out.training, &one.training),
        (&mut out.preprocessing, &one.preprocessing),
        (&mut out.energy, &one.energy),
        (&mut out.library, &one.library),
        (&mut out.collection, &one.collection),
        (&mut out.sensitive, &one.sensitive),
        (&mut out.anonymisation, &one.anonymisation),
        (&mut out.updates, &one.updates),
    ] {
        if to.is_none() {
            to.clone_from(from);
        }
    }
    for (to, from) in [
        (&mut out.tasks, &one.tasks),
        (&mut out.architectures, &one.architectures),
        (&mut out.inputs, &one.inputs),
        (&mut out.outputs, &one.outputs),
        (&mut out.languages, &one.languages),
        (&mut out.tags, &one.tags),
        (&mut out.data_kinds, &one.data_kinds),
    ] {
        to.extend(from.iter().cloned());
    }
    if out.dtypes.is_empty() {
        out.dtypes.clone_from(&one.dtypes);
    }
    for (to, from) in [
        (&mut out.parameters, one.parameters),
        (&mut out.context_length, one.context_length),
        (&mut out.bytes, one.bytes),
        (&mut out.rows, one.rows),
    ] {
        *to = to.or(from);
    }
    for (key, value) in &one.settings {
        out.settings.entry(key.clone()).or_insert_with(|| value.clone());
    }
    for (name, rows) in &one.splits {
        let known = out.splits.entry(name.clone()).or_insert(*rows);
        *known = known.or(*rows);
    }
    if out.metrics.is_empty() {
        out.metrics.clone_from(&one.metrics);
    }
    if out.chat_template.is_none() {
        out.chat_template.clone_from(&one.chat_template);
    }
    if out.custodians.is_empty() {
        out.custodians.clone_from(&one.custodians);
    }
    out.is_sensitive = out.is_sensitive.or(one.is_sensitive);
    out.sources.extend(one.sources.iter().cloned());
}
