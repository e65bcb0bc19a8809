/* What each row of identities.c changes about the genuine identity. Private to the forge. */
#ifndef TLSMATRIX_HARNESS_PKI_FORGERIES_H
#define TLSMATRIX_HARNESS_PKI_FORGERIES_H

#include "harness/pki/forgery.h"

typedef void build(struct forgery *f);

/* Who vouches for it. */
build build_self_signed, build_unknown_ca, build_forged_ca, build_forged_ca_same_id,
    build_wrong_key, build_tampered;

/* Its name. */
build build_wrong_host, build_look_alike, build_name_as_prefix, build_name_as_suffix,
    build_parent_domain, build_name_only, build_address_only, build_address_other,
    build_address_as_name, build_common_name_only, build_common_name_beside_other, build_upper_case,
    build_last_of_many, build_wildcard, build_wildcard_partial, build_wildcard_inside,
    build_wildcard_below, build_trailing_dot, build_embedded_nul;

/* When. */
build build_expired_leaf, build_expired_intermediate, build_expired_root, build_future_leaf,
    build_future_intermediate, build_future_root, build_expired_by_a_second, build_expires_now,
    build_begins_now;

/* The chain. */
build build_missing_intermediate, build_two_intermediates, build_wrong_order, build_with_root,
    build_superfluous, build_intermediate_not_ca, build_intermediate_without_constraints,
    build_intermediate_without_cert_sign, build_intermediate_version_1, build_path_too_long,
    build_names_not_permitted, build_names_excluded, build_names_permitted,
    build_root_without_constraints, build_long_chain;

/* What it may be used for, and what else it says. */
build build_wrong_purpose, build_no_purpose, build_any_purpose, build_intermediate_purpose,
    build_wrong_usage, build_no_usage, build_unknown_critical, build_unknown_critical_intermediate,
    build_unknown, build_version_1, build_huge;

/* Whether it still holds. */
build build_revoked, build_revoked_intermediate, build_not_revoked, build_staple_revoked,
    build_staple_forged, build_staple_stale, build_staple_good;

/* How strong it is. */
build build_rsa1024, build_sha1, build_md5;

#endif
