//! Models of torch: a dangerous pickle in every place where a loader finds it and a check may not.

use super::Case;
use super::packed::{tar, zlib};
use super::pickle::{evil, legacy, long, plain, state, state_with, system, two};
use super::zip::{Member, archive, torch, torch_members, torch_rest, zip};

const GLOBAL: &str = "pickle-dangerous-global";
const CRC: &str = "CVE-2025-10156: a wrong checksum ends the check and not the loader";
const NAMES: &str = "CVE-2025-1944: names that differ end the check and not the loader";
const FLAGS: &str = "CVE-2025-1945: the flag of encryption ends the check and not the loader";
const TORCH: &str = "PyTorch: torch/serialization.py";

fn torch_case(name: &str, source: &'static str, bytes: Vec<u8>) -> Case {
    Case::new(&format!("{name}.pt"), "torch", source, bytes)
}

/// A model whose first member, the dangerous pickle, is changed.
fn changed(change: impl FnOnce(&mut Member)) -> Vec<u8> {
    let mut members = torch_members(&state_with(&system()));
    change(&mut members[0]);
    zip(&members)
}

pub(super) fn cases() -> Vec<Case> {
    [in_a_zip(), two_readings(), not_as_zips()].concat()
}

fn in_a_zip() -> Vec<Case> {
    let mut out = vec![
        torch_case("plain", TORCH, torch(&state_with(&system()))).loads(false),
        torch_case("only_the_call", TORCH, torch(&evil())).loads(false),
        torch_case("wrong_checksum", CRC, changed(|member| member.crc ^= 1)),
        torch_case("checksum_of_zero", CRC, changed(|member| member.crc = 0)),
        torch_case("encrypted_flag_local", FLAGS, changed(|member| member.local_flags = 1)),
        torch_case("encrypted_flag_both", FLAGS, changed(|member| (member.local_flags, member.flags) = (1, 1))),
        torch_case("encrypted_flag_directory", FLAGS, changed(|member| member.flags = 1)),
        torch_case(
            "strong_encryption_flag",
            FLAGS,
            changed(|member| (member.local_flags, member.flags) = (0x41, 0x41)),
        ),
        torch_case("other_local_name", NAMES, changed(|member| member.local_name = "archive/data.txt".to_owned())),
        torch_case("other_local_length_name", NAMES, changed(|member| member.local_name = "archive/d".to_owned())),
        torch_case("with_descriptor", TORCH, changed(|member| member.has_descriptor = true)),
        torch_case("deflated", TORCH, {
            let mut members = torch_members(&state());
            members[0] = Member::deflated("archive/data.pkl", &state_with(&system()));
            zip(&members)
        }),
        torch_case("length_too_small", CRC, changed(|member| member.length = 4)),
        torch_case(
            "capitals",
            TORCH,
            changed(|member| {
                member.name = "archive/DATA.PKL".to_owned();
                member.local_name = member.name.clone();
            }),
        ),
        torch_case(
            "other_folder",
            TORCH,
            zip(&[vec![Member::stored("x/y/data.pkl", &state_with(&system()))], torch_rest("x/y")].concat()),
        ),
        torch_case(
            "with_a_comment",
            TORCH,
            archive(&torch_members(&state_with(&system())), b"", b"PK\x05\x06 comment"),
        ),
        torch_case("with_a_prefix", TORCH, archive(&torch_members(&state_with(&system())), b"#!/bin/true\n", b"")),
        torch_case(
            "name_with_zero",
            TORCH,
            changed(|member| {
                member.name = "archive/data.pkl\0.txt".to_owned();
                member.local_name = member.name.clone();
            }),
        ),
        torch_case(
            "name_with_backslash",
            TORCH,
            changed(|member| {
                member.name = "archive\\data.pkl".to_owned();
                member.local_name = member.name.clone();
            }),
        ),
        torch_case("extra_field", TORCH, changed(|member| member.extra = b"FB\x04\0ZZZZ".to_vec())),
        torch_case("second_pickle", "JFrog: any member may be loaded", {
            let mut members = torch_members(&state());
            members.push(Member::stored("archive/extra.pkl", &evil()));
            zip(&members)
        }),
        torch_case("pickle_called_otherwise", "CVE-2025-1889: the extension decides", {
            let mut members = torch_members(&state());
            members.push(Member::stored("archive/config.p", &evil()));
            zip(&members)
        }),
        torch_case("two_pickles_in_one_member", TORCH, torch(&[state(), evil()].concat())),
        torch_case("second_model_in_it", TORCH, {
            let mut members = torch_members(&state());
            members.push(Member::stored("archive/inner.pt", &torch(&evil())));
            zip(&members)
        }),
    ];
    for case in &mut out {
        // The loader asks for one folder with the records that it knows; other programs take what they find.
        let is_no_model = ["capitals.pt", "other_folder.pt", "name_with_zero.pt", "name_with_backslash.pt"];
        let format = if is_no_model.contains(&case.name.as_str()) { "zip" } else { "torch" };
        *case = case.clone().dangerous(GLOBAL).format(format);
    }
    let script = |code: &str| {
        zip(&[
            Member::stored("m/constants.pkl", b"\x80\x02)."),
            Member::stored("m/data.pkl", &two(&[b"c__torch__\nM\n)\x81}b"])),
            Member::stored("m/code/__torch__.py", code.as_bytes()),
            Member::stored("m/version", b"3\n"),
        ])
    };
    out.extend([
        Case::new("script_reads_files.pt", "torchscript", "JIT: aten::from_file", script("class M(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    return torch.from_file(\"/etc/passwd\", None, 8)\n"))
            .suspicious("torchscript-reach"),
        Case::new("script_constants.pt", "torchscript", "PyTorch: constants.pkl", {
            let members = [
                Member::stored("m/constants.pkl", &evil()),
                Member::stored("m/data.pkl", &two(&[b"c__torch__\nM\n)\x81}b"])),
                Member::stored("m/code/__torch__.py", b"class M(Module):\n  pass\n"),
                Member::stored("m/version", b"3\n"),
            ];
            zip(&members)
        })
        .dangerous(GLOBAL),
        Case::new("package.pt", "", "torch.package", {
            let members = [
                Member::stored("p/.data/extern_modules", b"os\n"),
                Member::stored("p/.data/python_version", b"3.11"),
                Member::stored("p/.data/version", b"6\n"),
                Member::stored("p/model/model.pkl", &two(&[b"cown\nNet\n)\x81"])),
                Member::stored("p/own.py", b"import os\nos.system('true')\n"),
            ];
            zip(&members)
        })
        .suspicious("torch-package"),
    ]);
    out
}

fn two_readings() -> Vec<Case> {
    let evil_pickle = Member::stored("archive/data.pkl", &state_with(&system()));
    let good = || torch_members(&state());
    let with = |at: usize, member: Member| {
        let mut members = good();
        members.insert(at, member);
        zip(&members)
    };
    vec![
        torch_case("twice_dangerous_first", "research note: duplicate records", with(0, evil_pickle.clone()))
            .dangerous(GLOBAL),
        torch_case("twice_dangerous_last", "research note: duplicate records", with(1, evil_pickle.clone()))
            .dangerous(GLOBAL),
        torch_case(
            "twice_in_other_capitals",
            "research note: duplicate records",
            with(5, Member::stored("archive/Data.pkl", &evil())),
        )
        .dangerous(GLOBAL),
        torch_case(
            "not_in_the_directory",
            "research note: local records",
            with(0, Member { is_listed: false, ..evil_pickle.clone() }),
        )
        .dangerous(GLOBAL),
        torch_case("pickle_before_the_zip", "polyglot: fickling", [evil(), torch(&state())].concat()).dangerous(GLOBAL),
        torch_case("pickle_behind_the_zip", "polyglot: fickling", [torch(&state()), evil()].concat()).dangerous(GLOBAL),
        torch_case(
            "pickle_between_members",
            "polyglot: gaps",
            with(1, Member { before: evil(), ..Member::stored("archive/x", b"x") }),
        )
        .dangerous(GLOBAL),
        torch_case("pickle_in_the_comment", "polyglot: fickling", archive(&good(), b"", &evil())).dangerous(GLOBAL),
        torch_case("two_zips_dangerous_first", "polyglot: fickling", [torch(&evil()), torch(&state())].concat())
            .dangerous(GLOBAL)
            .format("zip"),
        torch_case("two_zips_dangerous_last", "polyglot: fickling", [torch(&state()), torch(&evil())].concat())
            .dangerous(GLOBAL)
            .format("zip"),
        torch_case("twice_the_same", "zip: one name twice", with(1, Member::stored("archive/data.pkl", &plain())))
            .malformed("zip-two-readings"),
        torch_case("harmless_other_name", NAMES, {
            let mut members = good();
            members[0].local_name = "archive/other.pkl".to_owned();
            zip(&members)
        })
        .malformed("zip-two-readings"),
        torch_case("harmless_wrong_checksum", CRC, {
            let mut members = good();
            members[0].crc ^= 1;
            zip(&members)
        })
        .malformed("zip-checksum"),
        torch_case("harmless_flag", FLAGS, {
            let mut members = good();
            members[0].local_flags = 1;
            zip(&members)
        })
        .malformed("zip-password-flag"),
        torch_case("no_directory", "zip: cut short", {
            let bytes = torch(&state_with(&system()));
            bytes[..bytes.len() - 30].to_vec()
        })
        .dangerous(GLOBAL),
    ]
}

fn not_as_zips() -> Vec<Case> {
    let legacy_case =
        |name: &str, bytes: Vec<u8>| Case::new(&format!("{name}.pth"), "torch-legacy", TORCH, bytes).dangerous(GLOBAL);
    let parts = legacy(b"");
    let magic_length = 15;
    vec![
        legacy_case("legacy", legacy(&system())).loads(false),
        legacy_case("legacy_system_information", {
            let system_information = two(&[b"}", &long("little_endian"), &system(), b"s"]);
            [&parts[..magic_length + 6], &system_information, &legacy(b"")[magic_length + 6..]].concat()
        }),
        legacy_case("legacy_behind_the_storages", [legacy(b""), evil()].concat()),
        Case::new("legacy_only_magic.pth", "", TORCH, [parts[..magic_length].to_vec(), evil()].concat())
            .dangerous(GLOBAL),
        Case::new(
            "tar_of_torch.pth",
            "tar",
            "torch 0.1: tar of pickles",
            tar(&[("sys_info", &plain()), ("pickle", &evil()), ("storages", &plain()), ("tensors", &plain())]),
        )
        .dangerous(GLOBAL),
        Case::new("packed.pth", "zlib", "joblib and others unpack it", zlib(&evil())).dangerous(GLOBAL),
    ]
}
