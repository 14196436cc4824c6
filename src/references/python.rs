//! Python: what its calls of loaders are given, followed through the tree's modules.
