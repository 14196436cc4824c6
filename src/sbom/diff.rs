//! How two documents differ, by what the parts are: revisions, licences, digests, relations.
