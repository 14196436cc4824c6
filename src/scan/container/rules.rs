//! What the readers of containers can find.

use crate::scan::{Rule, Severity, Verdict};

macro_rules! rules {
    ($($name:ident, $id:literal, $verdict:ident, $severity:ident, $title:literal, $help:literal;)*) => {
        $(pub(super) static $name: Rule = Rule {
            id: $id, verdict: Verdict::$verdict, severity: Severity::$severity, title: $title, help: $help,
        };)*
        pub(super) const ALL: &[&Rule] = &[$(&$name,)*];
    };
}

rules! {
    ZIP_BROKEN, "zip-malformed", Malformed, Medium, "Broken zip",
        "The zip breaks the rules of its format, so that programs see different things in it or refuse it. All that could be found in it was scanned. Write the archive anew.";
    ZIP_TWO_READINGS, "zip-two-readings", Malformed, High, "Zip that programs read differently",
        "What the directory at the end says and what stands before the members differ, or a name stands twice. A check may see one thing and a loader another. All readings were scanned; take such a file from nobody.";
    ZIP_CHECKSUM, "zip-checksum", Malformed, Medium, "Wrong checksum in a zip",
        "Programs that check it refuse the member, and loaders that do not check it load it. The member was scanned anyway.";
    ZIP_PASSWORD_FLAG, "zip-password-flag", Malformed, High, "Marked as encrypted, but is not",
        "Programs that respect the mark ask for a password and see nothing; loaders that ignore it load what is there. The member was scanned anyway.";
    ZIP_HIDDEN_BYTES, "zip-hidden-bytes", Malformed, Medium, "Bytes in a zip that belong to no member",
        "Bytes stand before, between or behind the members, where most programs do not look. They were scanned by themselves. Write the archive anew.";
    ARCHIVE_ENCRYPTED, "archive-encrypted", Unread, Medium, "Encrypted member",
        "Without the password nobody can say what is in it. Unpack it and scan what comes out.";
    ARCHIVE_ESCAPE, "archive-escape", Suspicious, High, "Member that leads out of the folder it is unpacked to",
        "A program that unpacks the archive by these names writes, or follows a link, to a place that whoever made the archive chose. Models need no such names.";
    ARCHIVE_SPECIAL, "archive-special", Suspicious, Medium, "Device or pipe in an archive",
        "A model is made of files. Unpacked by a privileged program, a device gives whoever made the archive what it stands for.";
    TAR_BROKEN, "tar-malformed", Malformed, Medium, "Broken tar",
        "The tar breaks the rules of its format, so that programs see different things in it or stop early. All that could be found in it was scanned. Write the archive anew.";
    TAR_TWO_READINGS, "tar-two-readings", Malformed, High, "Tar that programs read differently",
        "Sizes or names stand twice and differ, or members lie behind the end. A check may see one thing and a loader another. All that was found was scanned.";
    SEVEN_ZIP_BROKEN, "7z-malformed", Malformed, Medium, "Broken 7z",
        "The archive breaks the rules of its format. What could be read before the break was scanned.";
    STREAM_BROKEN, "stream-malformed", Malformed, Medium, "Packed bytes that break off",
        "The packed stream is damaged or cut short. Loaders that read it piece by piece have used by then what came before, and that was scanned.";
    STREAM_TRAILING, "stream-trailing", Malformed, Low, "Bytes behind the end of an archive or packed stream",
        "Most programs ignore them. They were scanned by themselves.";
    NATIVE_CODE, "native-code", Suspicious, Medium, "Machine code",
        "What a program does cannot be said by reading the file. Take it only from whom you would take any program from.";
    SCRIPT_PREFIX, "script-prefix", Suspicious, Medium, "Script with an archive behind",
        "Started as a program, the file runs the script at its beginning or the code in the archive.";
    FOREIGN_OBJECTS, "foreign-objects", Suspicious, Medium, "Objects of another language",
        "Reading such objects creates whatever they name, as pickles do in Python. They are not looked into.";
}
