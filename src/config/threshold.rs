//! How thresholds stand to each other: a rule's before a family's, that before a service's, that before what holds
//! for all.

use super::effective::{Effective, GatePolicy, Threshold};

impl Threshold {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.level.is_none()
            && self.block.is_none()
            && self.advise.is_none()
            && self.confidence.is_none()
            && self.fixable_only.is_none()
            && self.reachable_only.is_none()
            && self.direct_only.is_none()
    }

    /// This one, and where it is silent the other. A word on severities ends a level that stands below it.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        let weighs = self.block.is_some() || self.advise.is_some();
        let levels = self.level.is_some();
        let kept = |own: &Option<_>, other: &Option<_>| own.clone().or_else(|| other.clone().filter(|_| !levels));
        Self {
            name: self.name.clone().or_else(|| below.name.clone()),
            level: self.level.clone().or_else(|| below.level.clone().filter(|_| !weighs)),
            block: kept(&self.block, &below.block),
            advise: kept(&self.advise, &below.advise),
            confidence: kept(&self.confidence, &below.confidence),
            fixable_only: self.fixable_only.clone().or_else(|| below.fixable_only.clone()),
            reachable_only: self.reachable_only.clone().or_else(|| below.reachable_only.clone()),
            direct_only: self.direct_only.clone().or_else(|| below.direct_only.clone()),
            may_loosen: self.may_loosen.clone().or_else(|| below.may_loosen.clone()),
        }
    }
}

impl GatePolicy {
    /// What holds for a rule of a family, in a service where there is one.
    #[must_use]
    pub fn threshold(&self, family: &str, rule: &str, service: Option<&Threshold>) -> Threshold {
        let mut out = self.rules.get(rule).cloned().unwrap_or_default();
        if let Some(family) = self.families.get(family) {
            out = out.over(family);
        }
        if let Some(service) = service {
            out = out.over(service);
        }
        out.over(&self.default)
    }
}

impl Effective {
    /// The service of some paths, the weightiest first, and of an image: that whose pattern says most about the first
    /// path that any names, else the one that ships the path or the image.
    #[must_use]
    pub fn service<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p str> + Clone,
        image: Option<&str>,
    ) -> Option<&super::ServiceEntry> {
        let best = |path: &str| {
            let fitting = self.services.iter().filter_map(|service| {
                let fits = service.paths.iter().filter(|glob| super::glob::fits(glob.as_str(), path));
                let ships = service.ships.iter().filter(|ships| ships.as_str() == path);
                Some((fits.chain(ships).map(|glob| super::glob::weight(glob.as_str())).max()?, service))
            });
            // Of two that say as much, the first.
            fitting.rev().max_by_key(|(weight, _)| *weight).map(|(_, service)| service)
        };
        if self.services.is_empty() {
            return None;
        }
        paths.into_iter().find_map(best).or_else(|| {
            let image = image?;
            let bare = bare_image(image);
            self.services.iter().find(|s| s.ships.iter().any(|ships| bare_image(ships.as_str()) == bare))
        })
    }
}

/// An image's name without tag and digest.
fn bare_image(name: &str) -> &str {
    let name = name.split('@').next().unwrap_or(name);
    match name.rsplit_once(':') {
        Some((bare, tag)) if !tag.contains('/') => bare,
        _ => name,
    }
}
