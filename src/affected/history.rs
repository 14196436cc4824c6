//! Answers over the history, branches and tags of a repository.
