//! From what a tree loads and what is known of it to the lock that holds it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Entry;
use super::HeldFiles;
use super::HubAnswers;
use super::Image;
use super::Key;
use super::Lock;
use super::Resolved;
use super::Scanned;
use super::Subject;
use super::Tool;
use super::Want;
use crate::references::At;

/// What a tree asks its lock to hold.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Models, data sets, tokenizers, adapters and kernels, see [`super::wants`].
    pub entries: BTreeMap<Key, Want>,
    /// What may be held and need not be: what tests, examples and documentation load.
    pub may: BTreeSet<Key>,
    /// Images by reference; none where nobody looked for them, and then what is held stays.
    pub images: Option<BTreeMap<String, Wish>>,
    /// Tools by address; none as with images.
    pub tools: Option<BTreeMap<String, Wish>>,
    /// Other locks of the tree by path: what they lock.
    pub elsewhere: BTreeMap<String, String>,
    /// Whether all of the tree was read. Where it was not, what nobody asks for stays held.
    pub is_whole: bool,
}

/// An image or a tool that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Where.
    pub place: At,
    /// The digest that the tree says, `sha256:..`.
    pub digest: Option<String>,
}

/// Which entries are looked up again although they are held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Update {
    /// None.
    #[default]
    Nothing,
    /// These.
    These(BTreeSet<Subject>),
    /// All.
    All,
}

impl Update {
    fn has(&self, subject: &Subject) -> bool {
        match self {
            Self::Nothing => false,
            Self::These(subjects) => subjects.contains(subject),
            Self::All => true,
        }
    }
}

/// Who is asked.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// What this machine holds.
    pub held: &'a dyn HeldFiles,
    /// Hubs and registries, where the network is allowed. They are asked first: what a machine holds may be a part.
    pub online: Option<&'a dyn HubAnswers>,
    /// The version of cargo-custody that scanned.
    pub version: &'a str,
}

/// A lock, and what it does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Made {
    /// What could be held.
    pub lock: Lock,
    /// What could not.
    pub gaps: Vec<Gap>,
    /// What a person should know of what is held: sentences.
    pub notes: Vec<String>,
}

/// Something that is asked for and could not be looked up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// What.
    pub subject: Subject,
    /// Where it is asked for.
    pub place: Option<At>,
    /// Why: a sentence fragment.
    pub why: String,
}

/// Makes the lock that holds what is asked for. What is held already stays as it is, unless the tree writes another
/// commit or `update` names it.
#[must_use]
pub fn make(before: &Lock, asked: &Asked, update: &Update, means: Means<'_>) -> Made {
    let mut made = Made { lock: Lock { elsewhere: asked.elsewhere.clone(), ..Lock::default() }, ..Made::default() };
    for (key, want) in &asked.entries {
        one(before, key, want, update, means, &mut made);
    }
    let is_asked = |key: &Key| asked.entries.contains_key(key);
    for (key, entry) in before.entries.iter().filter(|(key, _)| !is_asked(key)) {
        if asked.may.contains(key) {
            made.lock.entries.insert(key.clone(), entry.clone());
        } else if asked.is_whole {
            made.notes.push(format!("{key} is no longer loaded by anything and no longer held"));
        } else {
            made.notes.push(format!("{key} stays held: not all of the tree was read, so that something may load it"));
            made.lock.entries.insert(key.clone(), entry.clone());
        }
    }
    match &asked.images {
        None => made.lock.images.clone_from(&before.images),
        Some(wishes) => wishes.iter().for_each(|(name, wish)| image(before, name, wish, update, means, &mut made)),
    }
    match &asked.tools {
        None => made.lock.tools.clone_from(&before.tools),
        Some(wishes) => wishes.iter().for_each(|(url, wish)| tool(before, url, wish, update, means, &mut made)),
    }
    made.gaps.sort();
    made
}

fn one(before: &Lock, key: &Key, want: &Want, update: &Update, means: Means<'_>, made: &mut Made) {
    let subject = Subject::Entry(key.clone());
    let known = before.entries.get(key);
    let fits = |entry: &&Entry| want.commit.is_none() || entry.revision == want.commit;
    if let Some(entry) = known.filter(fits).filter(|_| !update.has(&subject)) {
        made.lock.entries.insert(key.clone(), entry.clone());
        return;
    }
    // A commit that is itself what an entry is called by is written nowhere else.
    let at = want.commit.as_deref();
    let found = match means.online {
        Some(online) => match from_hub(online, key, at) {
            Ok(entry) => with_local(entry, key, means, made),
            // The machine may hold what the hub no longer gives.
            Err(why) => match from_machine(key, at, means, made) {
                Ok(entry) => {
                    made.notes.push(format!("{key} is held as this machine has it, and not as the hub says: {why}"));
                    Ok(entry)
                }
                Err(_) => Err(why),
            },
        },
        None => from_machine(key, at, means, made),
    };
    match found {
        Ok(entry) => {
            if want.is_dynamic {
                made.notes.push(format!(
                    "{key} is also loaded at a revision that only its running tells; held is what it is without one"
                ));
            }
            made.lock.entries.insert(key.clone(), carried(known, entry));
        }
        Err(why) => {
            if let Some(entry) = known {
                made.lock.entries.insert(key.clone(), entry.clone());
            }
            made.gaps.push(Gap { subject, place: want.places.first().cloned(), why });
        }
    }
}

/// What was said of the same state stays said.
fn carried(known: Option<&Entry>, mut entry: Entry) -> Entry {
    let Some(known) = known else { return entry };
    let state = entry.state();
    entry.approvals = known.approvals.iter().filter(|approval| approval.of == state).cloned().collect();
    if known.state() == state {
        entry.scan = entry.scan.or_else(|| known.scan.clone());
        entry.licence = entry.licence.or_else(|| known.licence.clone());
        entry.signer.clone_from(&known.signer);
    }
    entry
}

fn from_hub(online: &dyn HubAnswers, key: &Key, at: Option<&str>) -> Result<Entry, String> {
    let Resolved { revision, licence, files } = online.resolve(key, at)?;
    if let Some(at) = at.filter(|at| !at.eq_ignore_ascii_case(&revision)) {
        return Err(format!("the hub answers commit {revision} where {at} was asked for"));
    }
    if files.is_empty() {
        return Err(format!("the hub names no file of it at commit {revision}"));
    }
    Ok(Entry { revision: Some(revision), licence, files: files.into_iter().collect(), ..Entry::default() })
}

/// Adds what only the machine knows, where it holds the very files that the hub tells of.
fn with_local(entry: Entry, key: &Key, means: Means<'_>, made: &mut Made) -> Result<Entry, String> {
    let Ok(Some(held)) = means.held.held(key, entry.revision.as_deref()) else { return Ok(entry) };
    for (path, file) in &held.files {
        match entry.files.get(path) {
            Some(told) if told != file => made.notes.push(format!(
                "{key}: `{path}` in {} is not what the hub says it is; held is what the hub says, and `verify` will \
                 name the file",
                held.place
            )),
            _ => {}
        }
    }
    let is_all = held.files.len() == entry.files.len();
    let is_same = is_all && held.files.iter().all(|(path, file)| entry.files.get(path) == Some(file));
    let scan = held.verdict.filter(|_| is_same).map(|verdict| Scanned { verdict, by: means.version.to_owned() });
    Ok(Entry { scan, licence: entry.licence.or(held.licence), ..entry })
}

fn from_machine(key: &Key, at: Option<&str>, means: Means<'_>, made: &mut Made) -> Result<Entry, String> {
    let held = means.held.held(key, at)?.ok_or_else(|| match at {
        Some(at) => format!("this machine holds nothing of it at commit {at}"),
        None => "this machine holds nothing of it".to_owned(),
    })?;
    if held.files.is_empty() {
        return Err(format!("{} holds no file of it", held.place));
    }
    if let (Some(at), Some(revision)) = (at, &held.revision)
        && at != revision
    {
        return Err(format!("{} holds commit {revision} where {at} is asked for", held.place));
    }
    made.notes.push(format!("{key} is held as it lies in {}: {} files", held.place, held.files.len()));
    Ok(Entry {
        revision: held.revision,
        licence: held.licence,
        scan: held.verdict.map(|verdict| Scanned { verdict, by: means.version.to_owned() }),
        signer: None,
        files: held.files.into_iter().collect(),
        approvals: Vec::new(),
    })
}

fn image(before: &Lock, name: &str, wish: &Wish, update: &Update, means: Means<'_>, made: &mut Made) {
    let subject = Subject::Image(name.to_owned());
    let known = before.images.get(name);
    let is_kept = known.is_some_and(|known| wish.digest.as_ref().is_none_or(|digest| *digest == known.digest));
    let digest = match (known, &wish.digest) {
        (Some(known), _) if is_kept && !update.has(&subject) => Ok(known.digest.clone()),
        (_, Some(digest)) => Ok(digest.clone()),
        (_, None) => match means.online {
            Some(online) => online.image(name),
            None => Err("what its tag is now is known to its registry only".to_owned()),
        },
    };
    match digest {
        Ok(digest) => {
            made.lock.images.insert(name.to_owned(), Image { digest });
        }
        Err(why) => {
            if let Some(known) = known {
                made.lock.images.insert(name.to_owned(), known.clone());
            }
            made.gaps.push(Gap { subject, place: Some(wish.place.clone()), why });
        }
    }
}

fn tool(before: &Lock, url: &str, wish: &Wish, update: &Update, means: Means<'_>, made: &mut Made) {
    let subject = Subject::Tool(url.to_owned());
    let known = before.tools.get(url);
    if let Some(known) = known.filter(|_| !update.has(&subject)) {
        made.lock.tools.insert(url.to_owned(), known.clone());
        return;
    }
    let found = match means.online {
        Some(online) => online.tool(url),
        None => Err("what its address gives is known to its server only".to_owned()),
    };
    let found = found.and_then(|(sha256, size)| match &wish.digest {
        Some(said) if *said != format!("sha256:{sha256}") => {
            Err(format!("the server gives sha256:{sha256}, and the tree says {said}"))
        }
        _ => Ok(Tool { sha256, size }),
    });
    match found {
        Ok(tool) => {
            made.lock.tools.insert(url.to_owned(), tool);
        }
        Err(why) => {
            if let Some(known) = known {
                made.lock.tools.insert(url.to_owned(), known.clone());
            }
            made.gaps.push(Gap { subject, place: Some(wish.place.clone()), why });
        }
    }
}
