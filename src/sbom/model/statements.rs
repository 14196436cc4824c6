//! Names of what only a person can state of a system. Sources: G7 "SBOM for AI: minimum elements"; EU AI Act,
//! Annex IV.

/// What the system is for.
pub const INTENDED_USE: &str = "intended-use";
/// What it is not for.
pub const OUT_OF_SCOPE: &str = "out-of-scope";
/// How data flows through it.
pub const DATA_FLOW: &str = "data-flow";
/// How data is used, personal data among it.
pub const DATA_USAGE: &str = "data-usage";
/// What goes in and what comes out.
pub const INPUTS_OUTPUTS: &str = "inputs-outputs";
/// Numbers on security, and from where on they are bad.
pub const SECURITY_METRICS: &str = "security-metrics";
/// Where known flaws are judged: the address of a VEX document.
pub const VULNERABILITIES: &str = "vulnerabilities";
/// How people oversee it.
pub const OVERSIGHT: &str = "human-oversight";
/// Its known limits and risks.
pub const LIMITATIONS: &str = "limitations";
/// How risks are managed.
pub const RISK_MANAGEMENT: &str = "risk-management";
/// Standards that are applied.
pub const STANDARDS: &str = "standards";
/// Controls that protect it.
pub const SECURITY_CONTROLS: &str = "security-controls";
/// Rules it complies with.
pub const COMPLIANCE: &str = "compliance";
/// Where its cybersecurity policy is told.
pub const SECURITY_POLICY: &str = "security-policy";
/// How it fares: service levels and other numbers.
pub const PERFORMANCE: &str = "performance";
/// What hardware it needs.
pub const HARDWARE: &str = "hardware";
/// What becomes of it after it is put on the market.
pub const AFTER_MARKET: &str = "post-market-plan";
/// Every name.
pub const ALL: &[&str] = &[
    INTENDED_USE,
    OUT_OF_SCOPE,
    DATA_FLOW,
    DATA_USAGE,
    INPUTS_OUTPUTS,
    OVERSIGHT,
    LIMITATIONS,
    RISK_MANAGEMENT,
    STANDARDS,
    SECURITY_CONTROLS,
    SECURITY_METRICS,
    COMPLIANCE,
    SECURITY_POLICY,
    VULNERABILITIES,
    PERFORMANCE,
    HARDWARE,
    AFTER_MARKET,
];
