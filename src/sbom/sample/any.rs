//! Bills of materials that nobody thought of, for property tests: small, whole, and with whatever texts.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use proptest::collection::btree_map;
use proptest::collection::btree_set;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::sbom::Bom;
use crate::sbom::model::About;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Card;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Metric;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Party;
use crate::sbom::model::Phase;
use crate::sbom::model::Process;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Tool;
use crate::sbom::model::Unknown;

/// A text with whatever in it that is no white space alone: quotes, `|`, `%`, letters of other scripts, line breaks.
fn text() -> impl Strategy<Value = String> {
    "[!-~äß字]([ -~äß字\\n\\t]{0,8}[!-~äß字])?"
}

fn texts() -> impl Strategy<Value = BTreeSet<String>> {
    btree_set(text(), 0..3)
}

fn pairs() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map("x:[a-z]{1,4}", text(), 0..3)
}

fn url() -> impl Strategy<Value = String> {
    "https://[a-z]{1,4}\\.example\\.com/[a-z]{0,3}"
}

fn hash() -> impl Strategy<Value = Hash> {
    let algorithms = vec![Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512, Algorithm::Blake3];
    (select(algorithms), "[0-9a-f]")
        .prop_map(|(algorithm, digit)| Hash { algorithm, value: digit.repeat(algorithm.digits()) })
}

fn hashes() -> impl Strategy<Value = BTreeSet<Hash>> {
    btree_set(hash(), 0..3)
}

fn place() -> impl Strategy<Value = Occurrence> {
    ("[a-z][a-z |%]{0,3}\\.[a-z]{2}", 0..9_u32, of(text())).prop_map(|(path, line, how)| Occurrence { path, line, how })
}

fn places() -> impl Strategy<Value = Vec<Occurrence>> {
    vec(place(), 0..3)
}

fn organisation() -> impl Strategy<Value = Party> {
    (text(), btree_set(url(), 0..2), btree_set("[a-z]{1,4}@example\\.com", 0..2), any::<bool>())
        .prop_map(|(name, urls, emails, is_person)| Party { name, urls, emails, is_person })
}

fn author() -> impl Strategy<Value = Party> {
    (text(), btree_set("[a-z]{1,4}@example\\.com", 0..2)).prop_map(|(name, emails)| Party {
        name,
        emails,
        is_person: true,
        ..Party::default()
    })
}

fn licence() -> impl Strategy<Value = Licence> {
    let names = vec!["MIT", "Apache-2.0", "MIT OR Apache-2.0", "llama3.2", "Some words"];
    let standings = vec![LicenceStanding::Declared, LicenceStanding::Concluded];
    (select(names), of(url()), select(standings)).prop_map(|(name, url, standing)| Licence {
        name: LicenceName::of_text(name),
        url,
        standing,
    })
}

fn link() -> impl Strategy<Value = Link> {
    let kinds = vec![LinkKind::Vcs, LinkKind::Website, LinkKind::Paper, LinkKind::ModelCard, LinkKind::Other];
    (select(kinds), url()).prop_map(|(kind, url)| Link { kind, url })
}

fn distribution() -> impl Strategy<Value = Distribution> {
    ("[a-z]{1,4}[-%| ]?[a-z]{1,4}\\.whl", of(url()), hashes()).prop_map(|(name, url, hashes)| Distribution {
        name: Some(name),
        url,
        hashes,
    })
}

fn file() -> impl Strategy<Value = FileEntry> {
    (text(), of(any::<u64>()), hashes(), of(text())).prop_map(|(path, size, hashes, format)| FileEntry {
        path,
        size,
        hashes,
        format,
    })
}

fn metric() -> impl Strategy<Value = Metric> {
    (text(), text(), of(text()), of(text())).prop_map(|(name, value, dataset, task)| Metric {
        name,
        value,
        dataset,
        task,
    })
}

fn card() -> impl Strategy<Value = Box<Card>> {
    let words = (
        of(select(vec!["supervised".to_owned(), "other".to_owned()])),
        of(text()),
        of(text()),
        of(text()),
        of(text()),
        of(text()),
        of(text()),
        of(text()),
    );
    let sets = (texts(), texts(), texts(), texts(), texts(), texts(), texts());
    let numbers = (of(any::<u64>()), of(any::<u64>()), of(any::<u64>()), of(any::<bool>()));
    let more = (
        vec(metric(), 0..3),
        pairs(),
        btree_map(text(), of(any::<u64>()), 0..2),
        vec(author(), 0..2),
        btree_set(place(), 0..2),
        of(hash()),
    );
    (words, sets, numbers, more).prop_map(|(words, sets, numbers, more)| {
        let (approach, family, intended_use, limitations, ethics, bias, energy, sensitive) = words;
        let (tasks, architectures, inputs, outputs, dtypes, languages, tags) = sets;
        let (parameters, context_length, rows, is_sensitive) = numbers;
        let (metrics, settings, splits, custodians, sources, chat_template) = more;
        Box::new(Card {
            tasks,
            approach,
            // What a card says in one text, it may say in any of them.
            out_of_scope: energy.clone(),
            training: bias.clone(),
            preprocessing: ethics.clone(),
            collection: family.clone(),
            family,
            architectures,
            inputs,
            outputs,
            parameters,
            dtypes,
            quantisation: sensitive.clone(),
            context_length,
            settings,
            metrics,
            intended_use,
            limitations,
            ethics,
            bias,
            energy,
            languages,
            library: None,
            chat_template,
            data_kinds: tags.clone(),
            tags,
            bytes: rows,
            rows,
            splits,
            is_sensitive,
            anonymisation: sensitive.clone(),
            updates: sensitive.clone(),
            sensitive,
            custodians,
            sources,
        })
    })
}

fn completeness() -> impl Strategy<Value = Completeness> {
    select(vec![Completeness::Unsaid, Completeness::Complete, Completeness::Incomplete, Completeness::Unknown])
}

fn scope() -> impl Strategy<Value = Scope> {
    select(vec![Scope::Required, Scope::Optional, Scope::Excluded])
}

fn component() -> impl Strategy<Value = Component> {
    let names = (select(Kind::ALL), of(text()), text(), of(text()), of(text()), of("pkg:cargo/[a-z]{1,4}@1\\.0"));
    let identifiers = select(vec!["cpe", "swid", "swhid", "omnibor", "other"]).prop_map(str::to_owned);
    let words = (btree_set((identifiers, text()), 0..3), of(text()), of(text()), scope());
    let parties = (of(organisation()), of(organisation()), vec(author(), 0..2));
    let files = (hashes(), vec(distribution(), 0..2), vec(file(), 0..2), vec(licence(), 0..3), btree_set(link(), 0..3));
    let more = (places(), of(card()), texts(), pairs(), completeness(), of(0..4_000_000_000_i64));
    (names, words, parties, files, more).prop_map(|(names, words, parties, files, more)| {
        let (kind, group, name, version, range, purl) = names;
        let (identifiers, description, copyright, scope) = words;
        let (supplier, producer, authors) = parties;
        let (hashes, distributions, files, licences, links) = files;
        let (evidence, card, endpoints, properties, dependencies, released) = more;
        Component {
            id: String::new(),
            kind,
            group,
            name,
            version,
            range,
            purl,
            identifiers,
            scope,
            description,
            supplier,
            producer,
            authors,
            copyright,
            hashes,
            distributions,
            files,
            licences,
            links,
            evidence,
            card: card.filter(|card| **card != Card::default()),
            endpoints,
            properties,
            dependencies,
            released,
        }
    })
}

fn about() -> impl Strategy<Value = About> {
    let tool = (text(), of(text()), of(text()), pairs()).prop_map(|(name, version, producer, properties)| Tool {
        name,
        version,
        producer,
        properties,
    });
    let phases = btree_set(select(vec![Phase::Design, Phase::PreBuild, Phase::Operations]), 0..3);
    (
        of(0..4_000_000_000_i64),
        btree_set(tool, 0..3),
        vec(author(), 0..2),
        of(organisation()),
        of(organisation()),
        phases,
        vec(licence(), 0..2),
        pairs(),
        pairs(),
    )
        .prop_map(|(time, tools, authors, supplier, producer, phases, licences, statements, properties)| About {
            time,
            tools: tools.into_iter().collect(),
            authors,
            supplier,
            producer,
            phases,
            licences,
            statements,
            properties,
            ..About::default()
        })
}

/// A settled bill of materials of up to five parts, whose relations, processes and unknowns lead to its own parts.
pub fn bom() -> impl Strategy<Value = Bom> {
    (
        about(),
        vec((text(), component()), 1..6),
        vec((any::<usize>(), select(RelationKind::ALL), any::<usize>(), scope(), places()), 0..6),
        vec((text(), vec(any::<usize>(), 0..3), vec(any::<usize>(), 0..3), pairs(), places()), 0..2),
        vec((select(Kind::ALL), text(), text(), of(any::<usize>()), place()), 0..3),
        any::<bool>(),
    )
        .prop_map(|(about, components, relations, processes, unknowns, has_root)| {
            let ids: Vec<String> =
                components.iter().enumerate().map(|(at, (text, _))| format!("{at} {text}")).collect();
            let id = |at: usize| ids[at % ids.len()].clone();
            let mut bom = Bom {
                about,
                root: has_root.then(|| id(0)),
                components: components
                    .into_iter()
                    .enumerate()
                    .map(|(at, (_, one))| Component { id: id(at), ..one })
                    .collect(),
                relations: relations
                    .into_iter()
                    .map(|(from, kind, to, scope, evidence)| Relation {
                        from: id(from),
                        kind,
                        to: id(to),
                        scope,
                        evidence,
                    })
                    .collect(),
                processes: processes
                    .into_iter()
                    .enumerate()
                    .map(|(at, (name, into, out, parameters, evidence))| Process {
                        id: format!("process {at}"),
                        name,
                        task: if at == 0 { "build".to_owned() } else { "train".to_owned() },
                        steps: into.iter().map(|at| id(*at)).collect::<BTreeSet<String>>().into_iter().collect(),
                        inputs: into.into_iter().map(id).collect(),
                        outputs: out.into_iter().map(id).collect(),
                        parameters,
                        evidence,
                    })
                    .collect(),
                unknowns: unknowns
                    .into_iter()
                    .map(|(kind, text, why, owner, at)| Unknown { kind, text, why, owner: owner.map(id), at })
                    .collect(),
            };
            bom.settle();
            bom
        })
}
