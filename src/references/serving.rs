//! Arguments of what serves models: Kubernetes, Helm, Compose.
