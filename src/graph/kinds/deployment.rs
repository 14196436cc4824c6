//! What starts images: Compose files, manifests of Kubernetes, charts of Helm, kustomizations. Sources: the Compose
//! specification, the API reference of Kubernetes, the manuals of Helm and Kustomize.
//!
//! Names stand as they are written, with variables and tags of templates: what these stand for is in other files.

use crate::source::{FileId, Span, Spanned};

/// A file that starts images, or says which ones.
#[derive(Debug, Clone, Default)]
pub struct Deployment {
    /// The file.
    pub file: FileId,
    /// What it is.
    pub form: DeploymentForm,
    /// What it starts, in order.
    pub services: Vec<Service>,
    /// Texts by the way of keys that leads to each: of values, of a chart, of a file of variables.
    pub values: Vec<(String, Spanned<String>)>,
    /// Images that a kustomization puts in the place of others.
    pub swaps: Vec<Swap>,
    /// Files and folders that a kustomization or a Compose file takes in, as written.
    pub resources: Vec<Spanned<String>>,
}

/// What a [`Deployment`] is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeploymentForm {
    /// A Compose file.
    #[default]
    Compose,
    /// Variables that Compose reads beside its file.
    Variables,
    /// Manifests of Kubernetes.
    Manifest,
    /// A template of manifests.
    Template,
    /// Values of a chart.
    Values,
    /// A chart's own file.
    Chart,
    /// A kustomization.
    Kustomization,
}

/// Something that is started: a service, a workload.
#[derive(Debug, Clone, Default)]
pub struct Service {
    /// Its name, as written.
    pub name: Spanned<String>,
    /// What it is: `service`, `Deployment`, `CronJob`.
    pub kind: String,
    /// The images that it runs, as written.
    pub images: Vec<Spanned<String>>,
    /// What its image is built from.
    pub build: Option<ServiceBuild>,
    /// What is written of it, anchors that it takes in among it.
    pub spans: Vec<Span>,
    /// It is started on request alone.
    pub is_optional: bool,
}

/// What the image of a service is built from.
#[derive(Debug, Clone, Default)]
pub struct ServiceBuild {
    /// The folder, as written.
    pub context: Spanned<String>,
    /// The Dockerfile, as written.
    pub dockerfile: Option<Spanned<String>>,
    /// The Dockerfile stands in the file itself.
    pub is_inline: bool,
}

/// An image in the place of another.
#[derive(Debug, Clone, Default)]
pub struct Swap {
    /// The name that is replaced.
    pub name: Spanned<String>,
    /// The name in its place.
    pub new_name: Option<String>,
    /// The tag in its place.
    pub new_tag: Option<String>,
    /// The digest in its place.
    pub digest: Option<String>,
}
