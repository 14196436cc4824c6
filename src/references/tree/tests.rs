use std::collections::BTreeMap;

use super::{Limits, of_folder};
use crate::source::{Bytes, Folder};

/// Files by path.
struct Held {
    paths: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Folder for Held {
    fn files(&self) -> &[String] {
        &self.paths
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        let bytes = self.files.get(path).ok_or("it is not there")?;
        Ok(Box::new(bytes.as_slice()))
    }
}

#[test]
fn what_cannot_be_read_is_a_gap_where_it_may_load_something() {
    let long = "x = 1\n".repeat(200);
    let files: BTreeMap<String, Vec<u8>> = [
        ("data.py", long.clone().into_bytes()),
        ("model.py", format!("from transformers import AutoModel\n{long}").into_bytes()),
        ("old.py", b"# caf\xe9\nx = 1\n".to_vec()),
        ("old_model.py", b"# caf\xe9\nAutoModel.from_pretrained('acme/x')\n".to_vec()),
        ("small.py", b"from transformers import AutoModel\nAutoModel.from_pretrained('acme/x')\n".to_vec()),
    ]
    .into_iter()
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .collect();
    let held = Held { paths: files.keys().cloned().collect(), files };
    let found = of_folder(&held, 2, &Limits { file: 1_000, python: 1_000, ..Limits::default() });
    let unread: Vec<&str> = found.unread.iter().map(|(path, _)| &**path).collect();
    assert_eq!(unread, ["model.py", "old_model.py"]);
    assert_eq!(found.references.len(), 1);
}

#[test]
#[ignore]
fn shown_here() {
    let root = std::env::var("SHOWN").unwrap();
    let folder = crate::source::DiskFolder::walk(std::path::Path::new(&root)).unwrap();
    let folder = folder;
    let started = std::time::Instant::now();
    let found = of_folder(&folder, 2, &Limits::default());
    for t in &found.trainings {
        println!("{} by {} script {:?} recipes {:?} at {}", t.task.word(), t.by, t.script, t.recipes, t.place.path);
        for n in &t.named {
            println!(
                "    {:?} {} {} ({} {}..)",
                n.part,
                n.reference.kind.word(),
                n.reference.name,
                n.reference.place.path,
                n.reference.place.span.start
            );
        }
        println!(
            "    -> {:?} {:?} {:?} {:?}",
            t.outputs.iter().map(|(o, _)| o).collect::<Vec<_>>(),
            t.methods,
            t.parameters,
            t.imports
        );
    }
    println!("{} trainings, {} references, {:?}", found.trainings.len(), found.references.len(), started.elapsed());
}
