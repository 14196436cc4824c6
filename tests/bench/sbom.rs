//! `cargo bench --bench sbom`: times writing and reading bills of materials of 100,000 components. Prints medians and
//! sizes; asserts nothing about time.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark reads the clock and prints"
)]

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use cargo_custody::sbom::Bom;
use cargo_custody::sbom::model::{
    Algorithm, Component, Hash, Kind, Licence, LicenceName, LicenceStanding, Occurrence, Relation, RelationKind, Scope,
};
use cargo_custody::sbom::read;
use cargo_custody::sbom::write::cyclonedx::{self, Version};

const COMPONENTS: usize = 100_000;
const RUNS: usize = 5;

fn time<T>(name: &str, mut work: impl FnMut() -> T) {
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        drop(work());
        times.push(start.elapsed());
    }
    times.sort();
    println!("  {name:<44} {:>10.0} ms", times[RUNS / 2].as_secs_f64() * 1_000.0);
}

/// Counts what is written.
struct Counting(usize);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A bill of materials whose components each have a digest, a licence, two places and three dependencies.
fn bom() -> Bom {
    let id = |number: usize| format!("crate:crates.io:package-{number}@1.{number}.0");
    let component = |number: usize| Component {
        id: id(number),
        kind: Kind::Library,
        name: format!("package-{number}"),
        version: Some(format!("1.{number}.0")),
        purl: Some(format!("pkg:cargo/package-{number}@1.{number}.0")),
        hashes: BTreeSet::from([Hash { algorithm: Algorithm::Sha256, value: format!("{number:064x}") }]),
        licences: vec![Licence {
            name: LicenceName::Expression("MIT OR Apache-2.0".to_owned()),
            url: None,
            standing: LicenceStanding::Declared,
        }],
        evidence: vec![
            Occurrence { path: "Cargo.lock".to_owned(), line: 7, how: Some("locked".to_owned()) },
            Occurrence { path: "Cargo.toml".to_owned(), line: 9, how: None },
        ],
        ..Component::default()
    };
    let relation = |number: usize, to: usize| Relation {
        from: id(number),
        kind: RelationKind::DependsOn,
        to: id(to),
        scope: Scope::Required,
        evidence: Vec::new(),
    };
    let mut bom = Bom {
        root: Some(id(0)),
        components: (0..COMPONENTS).map(component).collect(),
        relations: (0..COMPONENTS)
            .flat_map(|number| (1..4).map(move |step| relation(number, (number * 7 + step) % COMPONENTS)))
            .collect(),
        ..Bom::default()
    };
    bom.settle();
    bom
}

fn main() {
    let bom = bom();
    println!("{COMPONENTS} components, {} relations", bom.relations.len());
    let mut size = Counting(0);
    cyclonedx::write(&bom, Version::V1_7, &mut size).expect("it takes everything");
    println!("  {:<44} {:>10.1} MB", "size of the document", size.0 as f64 / 1e6);
    time("written as CycloneDX 1.7", || cyclonedx::write(&bom, Version::V1_7, &mut Counting(0)));
    let mut document = Vec::new();
    cyclonedx::write(&bom, Version::V1_7, &mut document).expect("it takes everything");
    time("read from CycloneDX 1.7", || read::read(&document));
}
