//! Signatures of models: bundles of OpenSSF Model Signing v1.0, verified offline against files.
//! Source: the model signing specification, v1.0; the bundle and DSSE formats of Sigstore.
