/* What rows of rules.c ask of a pair beyond their columns: each is true where its name says so of
 * the two stacks, or of all steps of the script. */
#ifndef TLSMATRIX_FUZZ_DIFFERENTIAL_CONDITIONS_H
#define TLSMATRIX_FUZZ_DIFFERENTIAL_CONDITIONS_H

#include "fuzz/differential/compare.h"

bool pair_alerts_of_other_lengths(const struct pair *pair);
bool pair_another_message(const struct pair *pair);
bool pair_at_answered_extension(const struct pair *pair);
bool pair_at_certificate(const struct pair *pair);
bool pair_at_change_cipher_spec(const struct pair *pair);
bool pair_at_empty_record(const struct pair *pair);
bool pair_at_message_length(const struct pair *pair);
bool pair_at_offered_group(const struct pair *pair);
bool pair_at_signature(const struct pair *pair);
bool pair_at_signed_parameters(const struct pair *pair);
bool pair_at_broken_shares(const struct pair *pair);
bool pair_breaks_share_rules(const struct pair *pair);
bool pair_ends_tcp(const struct pair *pair);
bool pair_extension_twice(const struct pair *pair);
bool pair_hello_requests_to_client(const struct pair *pair);
bool pair_in_the_clear(const struct pair *pair);
bool pair_is_server(const struct pair *pair);
bool pair_longer(const struct pair *pair);
bool pair_many_times(const struct pair *pair);
bool pair_messages_shifted(const struct pair *pair);
bool pair_no_record(const struct pair *pair);
bool pair_offered_by_one(const struct pair *pair);
bool pair_old_hello(const struct pair *pair);
bool pair_one_is_silent(const struct pair *pair);
bool pair_one_waits_for_record(const struct pair *pair);
bool pair_one_waits_one_refuses(const struct pair *pair);
bool pair_only_client_groups_differ(const struct pair *pair);
bool pair_only_optional_of_client_hello(const struct pair *pair);
bool pair_only_optional_of_request(const struct pair *pair);
bool pair_only_optional_of_ticket(const struct pair *pair);
bool pair_only_schemes_differ(const struct pair *pair);
bool pair_repeats_certificates(const struct pair *pair);
bool pair_server_chooses(const struct pair *pair);
bool pair_several_steps(const struct pair *pair);
bool pair_shifted(const struct pair *pair);
bool pair_too_long_and_unknown(const struct pair *pair);
bool pair_warns_of_no_closure(const struct pair *pair);

#endif
