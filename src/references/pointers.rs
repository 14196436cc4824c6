//! Files that stand for others: pointers of git LFS and DVC, `kernels.lock`.
