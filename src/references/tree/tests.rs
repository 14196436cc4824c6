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

/// What the scripts of a tree make of what: the script, and each part with its name; `?` behind what is one of several.
fn made(files: &[(&str, &str)]) -> Vec<String> {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let held = Held { paths: files.keys().cloned().collect(), files };
    let found = of_folder(&held, 2, &Limits::default());
    let line = |one: &crate::references::Training| {
        let shown = |named: &crate::references::Named| {
            let mark = if named.is_possible { "?" } else { "" };
            format!("{:?}={}{mark}", named.part, named.reference.name)
        };
        let named: Vec<String> = one.named.iter().map(shown).collect();
        format!("{} {} {}", one.script.as_deref().unwrap_or("-"), one.task.word(), named.join(" "))
    };
    found.trainings.iter().map(line).collect()
}

const TRAINS: &str =
    "from datasets import load_dataset\nfrom transformers import AutoModel\nfrom trl import SFTTrainer\n";

#[test]
fn of_data_that_is_chosen_the_default_is_firm() {
    let load = "def load_data(name):\n    if name == 'a':\n        return load_dataset('orion/a')\n    elif name == 'b':\n        \
        return load_dataset('orion/b')\n    else:\n        return load_dataset('orion/c')\n";
    let trains =
        "model = AutoModel.from_pretrained('orion/base')\nSFTTrainer(model=model, train_dataset=data).train()\n";
    let option = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--data', default='b')\n\
        args = p.parse_args()\ndata = load_data(args.data)\n";
    assert_eq!(
        made(&[("train.py", &format!("{TRAINS}{load}{option}{trains}"))]),
        ["train.py train Base=orion/base Data=orion/a? Data=orion/b Data=orion/c?"]
    );
    let open = "import sys\ndata = load_data(sys.argv[1])\n";
    assert_eq!(
        made(&[("train.py", &format!("{TRAINS}{load}{open}{trains}"))]),
        ["train.py train Base=orion/base Data=orion/a? Data=orion/b? Data=orion/c?"]
    );
}

#[test]
fn what_is_merged_in_memory_is_no_new_model() {
    let loads = "from peft import PeftModel\nfrom transformers import AutoModel\nbase = AutoModel.from_pretrained('orion/base')\n\
        model = PeftModel.from_pretrained(base, 'orion/lora').merge_and_unload()\n";
    assert_eq!(made(&[("serve.py", &format!("{loads}model.generate()\n"))]), Vec::<String>::new());
    assert_eq!(
        made(&[("merge.py", &format!("{loads}model.save_pretrained('out/merged')\n"))]),
        ["merge.py merge Base=orion/base Adapter=orion/lora"]
    );
}

#[test]
fn what_helps_is_no_base() {
    let text = format!(
        "{TRAINS}text_encoder = AutoModel.from_pretrained('orion/text')\ntext_encoder.requires_grad_(False)\n\
         vocoder = AutoModel.from_pretrained('orion/voice')\nnet = AutoModel.from_pretrained('orion/base')\n\
         data = load_dataset('orion/d')\nloss.backward()\noptimizer.step()\n"
    );
    assert_eq!(
        made(&[("train.py", &text)]),
        ["train.py train Base=orion/base Data=orion/d Helper=orion/text Helper=orion/voice"]
    );
    // By itself it is what is trained.
    let text = format!(
        "{TRAINS}embedder = AutoModel.from_pretrained('orion/base')\ndata = load_dataset('orion/d')\nloss.backward()\n\
         optimizer.step()\n"
    );
    assert_eq!(made(&[("train.py", &text)]), ["train.py train Base=orion/base Data=orion/d"]);
}

#[test]
fn commands_take_what_their_script_takes_by_default() {
    let script = format!(
        "{TRAINS}import argparse\np = argparse.ArgumentParser()\np.add_argument('--model_name', default='orion/base')\n\
         p.add_argument('--dataset_name', default='orion/d')\nargs = p.parse_args()\n\
         model = AutoModel.from_pretrained(args.model_name)\n\
         SFTTrainer(model=model, train_dataset=load_dataset(args.dataset_name)).train()\n"
    );
    let of = |command: &str| made(&[("train.py", &script), ("run.sh", command)]);
    for (command, expected) in [
        ("accelerate launch train.py --learning_rate 1e-5\n", "train.py train Base=orion/base Data=orion/d"),
        (
            "python train.py --model_name orion/other --learning_rate 1e-5\n",
            "train.py train Base=orion/other Data=orion/d",
        ),
        (
            "for D in a b; do\n  python train.py --dataset_name $D --learning_rate 1e-5\ndone\n",
            "train.py train Base=orion/base",
        ),
        (
            "DATA=\"https://huggingface.co/datasets/orion/x/resolve/main/a.jsonl\"\nARGS=\"--model_name orion/y \\\n\
             --task \\\n$DATA\"\npython train.py $(echo ${ARGS}) --learning_rate 1e-5\n",
            "train.py train Data=orion/x",
        ),
        (
            "python train.py --model_name orion/other --vision_tower orion/eye --dataset_name orion/x --lr 1\n",
            "train.py train Base=orion/other Data=orion/x Helper=orion/eye",
        ),
    ] {
        let all = of(command);
        assert!(all.iter().any(|line| line == expected), "{command}: {all:?}");
    }
}

#[test]
fn names_may_stand_in_other_modules() {
    let trains = "model = AutoModel.from_pretrained({model})\ndata = load_dataset({data})\n\
        trainer = SFTTrainer(model=model, train_dataset=data)\ntrainer.train()\n";
    let of = |model: &str, data: &str| trains.replace("{model}", model).replace("{data}", data);
    let expected = ["train.py train Base=orion/base Data=orion/d"];
    let config = "MODEL = 'orion/base'\nDATA = 'orion/d'\n";
    let script = format!("{TRAINS}import config\n{}", of("config.MODEL", "config.DATA"));
    assert_eq!(made(&[("config.py", config), ("train.py", &script)]), expected);
    let args = "import argparse\ndef parse():\n    p = argparse.ArgumentParser()\n    p.add_argument('--model', default='orion/base')\n    \
        p.add_argument('--data', default='orion/d')\n    return p.parse_args()\n";
    let script = format!("{TRAINS}from args import parse\nargs = parse()\n{}", of("args.model", "args.data"));
    assert_eq!(made(&[("args.py", args), ("train.py", &script)]), expected);
    let fields = "from dataclasses import dataclass, field\n@dataclass\nclass ModelArgs:\n    name: str = field(default='orion/base')\n\
        @dataclass\nclass DataArgs:\n    data: str = 'orion/d'\n";
    let script = format!(
        "{TRAINS}from transformers import HfArgumentParser\nfrom lib.args import DataArgs, ModelArgs\n\
         a, b = HfArgumentParser((ModelArgs, DataArgs)).parse_args_into_dataclasses()\n{}",
        of("a.name", "b.data")
    );
    assert_eq!(made(&[("lib/__init__.py", ""), ("lib/args.py", fields), ("train.py", &script)]), expected);
    // A file of settings that names neither leaves both at what they are by default.
    let script = format!("{TRAINS}from args import parse\nargs = parse()\n{}", of("args.model", "args.data"));
    let all = made(&[
        ("args.py", args),
        ("config.yaml", "learning_rate: 1e-5\n"),
        ("other.yaml", "learning_rate: 1e-5\nmodel_path: out/local\n"),
        ("run.sh", "accelerate launch train.py config.yaml\naccelerate launch train.py other.yaml\n"),
        ("train.py", &script),
    ]);
    assert_eq!(all, [expected[0], expected[0], "train.py train Data=orion/d"]);
}
