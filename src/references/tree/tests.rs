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
fn scripts_and_recipes_tell_what_they_make_of_what() {
    let files: BTreeMap<String, Vec<u8>> = [
        (
            "train.py",
            "from datasets import load_dataset\nfrom transformers import AutoModel\nfrom trl import SFTTrainer\n\
             from lib import more, measure\n\
             teacher = AutoModel.from_pretrained('orion/large')\n\
             model = AutoModel.from_pretrained('orion/small')\n\
             trainer = SFTTrainer(model=model, train_dataset=load_dataset('orion/chats'))\n\
             more()\nmeasure()\ntrainer.train()\nmodel.push_to_hub('orion/tuned')\n\
             AutoModel.from_pretrained('orion/tuned-v1')\n",
        ),
        (
            "lib.py",
            "from datasets import load_dataset\n\
             def more():\n    return load_dataset('orion/extra')\n\
             def evaluate():\n    return load_dataset('orion/held')\n\
             def measure():\n    return evaluate()\n\
             def unused():\n    return load_dataset('orion/unused')\n",
        ),
        ("only_loads.py", "from transformers import AutoModel\nAutoModel.from_pretrained('orion/small')\n"),
        ("tests/test_train.py", "from trl import SFTTrainer\nSFTTrainer('orion/tiny').train()\n"),
        ("src/sft.py", "from trl import SFTTrainer\nimport torch\nSFTTrainer(model=get()).train()\n"),
        (
            "recipes/a/sft/config_x.yaml",
            "model_name_or_path: orion/small\ndataset_name: orion/chats\nlearning_rate: 1.0e-5\n",
        ),
        ("run.slurm", "C=recipes/$M/$TASK/config_$S.yaml\naccelerate launch src/$TASK.py --config $C\n"),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .collect();
    let held = Held { paths: files.keys().cloned().collect(), files };
    let found = of_folder(&held, 2, &Limits::default());
    let shown: Vec<String> = found
        .trainings
        .iter()
        .map(|one| {
            let named: Vec<String> =
                one.named.iter().map(|named| format!("{:?}={}", named.part, named.reference.name)).collect();
            format!("{} {} {}", one.script.as_deref().unwrap_or("-"), one.by, named.join(" "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "train.py SFTTrainer Base=orion/small Data=orion/chats Data=orion/extra TestData=orion/held \
             Helper=orion/large",
            "src/sft.py recipe Base=orion/small Data=orion/chats",
        ]
    );
}
