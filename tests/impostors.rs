//! The rates of the check for impostors, with the names the program brings: false alarms on good names that
//! the list was made to forget, and how many names of malware it finds.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::print_stdout, reason = "the test reads lists")]

use std::collections::BTreeMap;

use cargo_custody::impostor::encode::{Popular, compile};
use cargo_custody::impostor::{Change, List, NOTE, Names, REPORT, resembles};

/// Names of malware that lay on PyPI, each one edit from one of its 5,000 most downloaded distributions; see
/// the head of the file for how they were chosen.
static SQUATS: &str = include_str!("fixtures/impostors/pypi.txt");
/// Crates that RustSec lists as malicious and that its text or their author's other crates show to imitate
/// another, with the crate that is imitated.
static CRATES: &str = include_str!("fixtures/impostors/crates.txt");

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn embedded(list: List) -> Popular {
    let names = Names::embedded();
    let names = names.all(list).map(|known| (known.name.to_owned(), known.level)).collect();
    Popular { list, day: String::new(), source: String::new(), names }
}

/// Good names that a table of every second name takes for impostors, and how many it was asked about.
fn false_alarms(list: List) -> (Vec<String>, usize) {
    let all = embedded(list);
    let (mut alarms, mut asked) = (Vec::new(), 0);
    for half in 0..2 {
        let (kept, left_out): (Vec<_>, Vec<_>) =
            all.names.iter().cloned().enumerate().partition(|(i, _)| i % 2 == half);
        let kept = Popular { names: kept.into_iter().map(|(_, name)| name).collect(), ..all.clone() };
        let table = Names::from_bytes(compile(&[kept]));
        asked += left_out.len();
        for (_, (name, _)) in left_out {
            if let Some(found) = resembles(&table, list, &name).filter(|found| found.points >= REPORT) {
                alarms.push(format!("{name} for {} ({})", found.target, found.points));
            }
        }
    }
    (alarms, asked)
}

#[test]
fn good_names_that_the_list_forgot_are_left_alone() {
    for (list, at_most_in_ten_thousand) in [(List::PyPi, 9), (List::Crates, 25), (List::Actions, 0)] {
        let (alarms, asked) = false_alarms(list);
        println!("{}: {} of {asked}: {}", list.as_str(), alarms.len(), alarms.join(", "));
        assert!(alarms.len() * 10_000 <= asked * at_most_in_ten_thousand, "{}: {alarms:?}", list.as_str());
    }
}

#[test]
fn no_listed_name_is_an_impostor() {
    let names = Names::embedded();
    for list in List::ALL {
        for known in names.all(list) {
            assert_eq!(resembles(&names, list, known.name), None, "{}", known.name);
        }
    }
}

#[test]
fn most_names_of_malware_are_found() {
    let names = Names::embedded();
    let (mut found, mut noted, mut all) = (0, 0, 0);
    let mut classes: BTreeMap<Change, (usize, usize)> = BTreeMap::new();
    for name in lines(SQUATS) {
        all += 1;
        let Some(near) = resembles(&names, List::PyPi, name) else { continue };
        let class = classes.entry(near.likeness.change).or_default();
        class.1 += 1;
        noted += usize::from(near.points >= NOTE);
        if near.points >= REPORT {
            class.0 += 1;
            found += 1;
        }
    }
    for (change, (found, all)) in &classes {
        println!("  {change:?}: {found} of {all}");
    }
    println!("reported {found}, noted {noted}, of {all}");
    assert!(all > 1_000, "the list is cut: {all}");
    assert!(found * 100 >= all * 82, "reported {found} of {all}");
    assert!(noted * 100 >= all * 88, "noted {noted} of {all}");
}

#[test]
fn crates_that_dropped_an_underscore_are_found() {
    let names = Names::embedded();
    let (mut found, mut all) = (0, 0);
    for line in lines(CRATES) {
        let (name, target) = line.split_once('\t').expect("a name and what it imitates");
        if names.find(List::Crates, target).is_none() {
            continue;
        }
        all += 1;
        let near = resembles(&names, List::Crates, name).filter(|near| near.points >= NOTE);
        found += usize::from(near.is_some_and(|near| List::Crates.key(near.target) == List::Crates.key(target)));
    }
    println!("{found} of {all} crates");
    assert!(found * 10 >= all * 7 && all >= 10, "{found} of {all}");
}
