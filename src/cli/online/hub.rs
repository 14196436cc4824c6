//! What the lock asks of hubs, put as questions to an oracle.

use crate::lock::Digest;
use crate::lock::FileAnswer;
use crate::lock::HubAnswers;
use crate::lock::Key;
use crate::lock::Resolved;
use crate::lock::Told;
use crate::outside::Answer;
use crate::outside::Oracle;
use crate::outside::Question;
use crate::outside::hub::HubFile;
use crate::outside::hub::HubRevisionFacts;
use crate::outside::hub::HubState;
use crate::outside::hub::RepoKind;
use crate::references::AssetKind;
use crate::references::Hub;

/// An oracle that answers what a lock asks.
pub(super) struct OfOracle<'a>(pub(super) &'a dyn Oracle);

impl OfOracle<'_> {
    /// The one answer to one question.
    fn one(&self, question: Question) -> Result<Answer, String> {
        match self.0.ask(&[question]).pop() {
            Some(Answer::Unknown(why)) => Err(why),
            Some(answer) => Ok(answer),
            None => Err("no answer".to_owned()),
        }
    }

    fn revision(&self, kind: RepoKind, name: &str, revision: Option<&str>) -> Result<HubRevisionFacts, String> {
        let revision = revision.map(str::to_owned);
        match self.one(Question::HubRevision { kind, name: name.to_owned(), revision })? {
            Answer::HubRevision(facts) => Ok(facts),
            _ => Err(odd()),
        }
    }

    /// Where a name leads, and whose names it is of. Kernels were models before they had names of their own.
    fn found(&self, key: &Key, revision: Option<&str>) -> Result<(RepoKind, HubRevisionFacts), String> {
        let kind = kind(key)?;
        let facts = self.revision(kind, &key.name, revision);
        let is_nowhere = !facts.as_ref().is_ok_and(|facts| facts.state != HubState::AbsentOrPrivate);
        if kind == RepoKind::Kernel
            && is_nowhere
            && let Ok(older) = self.revision(RepoKind::Model, &key.name, revision)
            && older.state == HubState::Open
        {
            return Ok((RepoKind::Model, older));
        }
        Ok((kind, facts?))
    }
}

impl HubAnswers for OfOracle<'_> {
    fn resolve(&self, key: &Key, at: Option<&str>) -> Result<Resolved, String> {
        let (kind, facts) = self.found(key, at.or(key.requested.as_deref()))?;
        let commit = facts.commit.ok_or_else(|| facts.state.why().to_owned())?;
        let question = Question::HubFiles { kind, name: key.name.clone(), commit: commit.clone() };
        let Answer::HubFiles(listed) = self.one(question)? else { return Err(odd()) };
        let missing: Vec<&HubFile> = listed.files.iter().filter(|file| file.missing.is_some()).collect();
        if let Some((first, why)) = missing.first().and_then(|file| Some((&file.path, file.missing.as_ref()?))) {
            let more = if missing.len() > 1 { format!(", and {} more", missing.len() - 1) } else { String::new() };
            return Err(format!("`{first}`{more}: {why}"));
        }
        let file = |file: &HubFile| {
            let told = match (file.sha256, &file.blob) {
                (Some(sha256), _) => Told::Sha256(Digest(sha256)),
                (None, Some(blob)) => Told::Blob(blob.clone()),
                (None, None) => return None,
            };
            Some((file.path.clone(), FileAnswer { size: file.size, told }))
        };
        let files = listed.files.iter().map(file).collect::<Option<Vec<_>>>().ok_or_else(odd)?;
        Ok(Resolved { revision: commit, licence: facts.licence, files })
    }

    fn bytes(&self, key: &Key, commit: &str, path: &str) -> Result<Vec<u8>, String> {
        let (kind, _) = self.found(key, Some(commit))?;
        let (name, commit, path) = (key.name.clone(), commit.to_owned(), path.to_owned());
        match self.one(Question::HubContent { kind, name, commit, path })? {
            Answer::HubContent(bytes) => Ok(bytes.to_vec()),
            _ => Err(odd()),
        }
    }

    fn image(&self, reference: &str) -> Result<String, String> {
        match self.one(Question::Image { reference: reference.to_owned() })? {
            Answer::Image(digest) => Ok(digest),
            _ => Err(odd()),
        }
    }

    fn tool(&self, url: &str) -> Result<(Digest, u64), String> {
        match self.one(Question::Tool { url: url.to_owned() })? {
            Answer::Tool(facts) => Ok((Digest(facts.sha256), facts.size)),
            _ => Err(odd()),
        }
    }
}

/// Whose names the name of an entry is of.
fn kind(key: &Key) -> Result<RepoKind, String> {
    if key.hub != Hub::HuggingFace.word() {
        return Err(format!("`--online` asks {} alone, and not {}", Hub::HuggingFace.word(), key.hub));
    }
    Ok(match key.kind {
        AssetKind::Model | AssetKind::Tokenizer | AssetKind::Adapter => RepoKind::Model,
        AssetKind::Dataset => RepoKind::Dataset,
        AssetKind::Kernel => RepoKind::Kernel,
    })
}

fn odd() -> String {
    "the answer is to another question".to_owned()
}
