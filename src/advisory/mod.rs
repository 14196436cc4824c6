//! The advisory model: records, version ranges, the compact table, matching. All pure.
