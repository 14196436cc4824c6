//! Recipes and configuration: YAML, TOML, JSON, `.env`, Modelfiles.
