#include "cache/cache_facts.hpp"

#include <algorithm>
#include <cmath>

#include "base/hash.hpp"
#include "base/refuse.hpp"
#include "io/cache/cache_names.hpp"
#include "io/json_file.hpp"
#include "lexical/vocabulary.hpp"
#include "matching/option_names.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"
#include "profiles/serving_contract.hpp"

namespace persona4rec {
namespace {

const char* name_of(InteractionText text) {
  switch (text) {
    case InteractionText::kReview:
      return "review";
    case InteractionText::kAspects:
      return "aspects";
    case InteractionText::kSummary:
      return "summary";
    case InteractionText::kSummaryAspects:
      return "summary-aspects";
  }
  return "";
}

// "N,D" -> the published field names.
Json field_names(const std::string& letters) {
  Json names = Json::array();
  for (const char letter : letters) {
    if (letter == 'N') names.push_back("Name");
    if (letter == 'D') names.push_back("Description");
    if (letter == 'I') names.push_back("item_summary");
    if (letter == 'R') names.push_back("Preference_Rationale");
    if (letter == 'A') names.push_back("Affinities");
  }
  return names;
}

void check_profile(const ProfileOptions& profile) {
  if (profile.k_recent == 0) throw usage_error("--k-recent: expected at least 1, got 0");
  if (!(profile.gamma > 0 && profile.gamma <= 1)) {
    throw usage_error("--gamma: expected a number in (0, 1], got " + std::to_string(profile.gamma));
  }
}

bool all_zero(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return value == 0; });
}

void check_head(const EncoderHead& head, const CacheOptions& options, std::size_t dimensions) {
  if (head.dimensions != dimensions) {
    throw Error(ErrorKind::kInput, "the head has " + std::to_string(head.dimensions) + " dimensions, the encoder " +
                                       std::to_string(dimensions) + ": they are not of one training");
  }
  if (!options.center && !(all_zero(head.user_mean) && all_zero(head.persona_mean))) {
    throw usage_error("--no-center: the encoder folder's head was trained on centred vectors");
  }
}

}  // namespace

CacheFacts::CacheFacts(const CacheOptions& options, const ProfileText& texts, TextEncoder& encoder,
                       const EncoderHead* head)
    : options_(options),
      texts_(texts),
      dimensions_(encoder.dimensions()),
      encoder_fingerprint_(encoder.fingerprint()),
      provenance_("cache", options.force) {
  check_profile(options.profile);
  if (head == nullptr) return;
  check_head(*head, options, dimensions_);
  head_fingerprint_ = head->fingerprint();
  if (options.head_weights.empty()) return;
  weights_ = to_json(read_head_weights(read_json_file(options.head_weights), options.head_weights.string()));
}

void CacheFacts::input(const char* role, const std::filesystem::path& path, const std::string& sha256) {
  provenance_.input(role, path, sha256);
}

void CacheFacts::settings(const SplitOptions& split) {
  provenance_.settings(split_settings(split));
  provenance_.settings(time_settings(options_.time));
}

void CacheFacts::check_contract(const InteractionRows& rows) {
  if (head_fingerprint_.empty() || options_.encoder_folder.empty()) return;
  const auto contract = read_serving_contract(options_.encoder_folder);
  std::string reasons;
  if (contract) {
    contract_ = {{"alpha", contract->alpha}, {"settings", contract->settings}, {"terms", contract->terms}};
    const ServingTerms terms{.profile = options_.profile,
                             .persona_vectors = options_.persona_vectors,
                             .center = options_.center,
                             .liked_from = options_.split.liked_from,
                             .words = options_.words};
    for (const auto& breach : contract_breaches(*contract, terms_json(terms, texts_), rows)) {
      breaches_.push_back(breach.reason);
      leaks_ = leaks_ || breach.leak;
      reasons += (reasons.empty() ? "" : "; ") + breach.reason;
    }
  } else {
    reasons = "it carries no serving contract, as heads of older versions do: run `persona4rec train` again";
    breaches_.push_back("it carries no serving contract");
  }
  if (reasons.empty()) return;
  refuse_unless_forced("the head of " + options_.encoder_folder.string() + " may not serve " +
                           options_.history.string() + ": " + reasons,
                       options_.force);
}

void CacheFacts::refuse_targets(const std::filesystem::path& targets, std::uint64_t missing,
                                std::uint64_t unknown) const {
  const std::string message = targets.string() + ": does not follow from " + options_.history.string() +
                              " under --split " + to_string(options_.split.policy) + " (" + std::to_string(missing) +
                              " targets missing, " + std::to_string(unknown) +
                              " unknown): run `persona4rec prepare` again, or give cache the options it ran with";
  refuse_unless_forced(message, options_.force);
}

void CacheFacts::finish_inputs() {
  if (!options_.selected.empty()) provenance_.input("4_selected_personas", options_.selected);
  provenance_.input_value("encoder", encoder_fingerprint_, options_.encoder_folder);
  if (!head_fingerprint_.empty()) provenance_.input_value("head", head_fingerprint_);
  if (options_.encoder_folder.empty()) return;
  if (const Json meta = read_meta(options_.encoder_folder); meta.is_object()) {
    provenance_.input_value("trained_encoder", meta.value("sha256", ""));
  }
}

Json CacheFacts::option_facts() const {
  Json facts = {{"encoder_name", options_.model},
                {"texts", texts_.fingerprint()},
                {"interaction_text", name_of(texts_.options().interaction)},
                {"persona_fields", texts_.options().persona_fields},
                {"persona_vectors", option_name(options_.persona_vectors)},
                {"profile", option_name(options_.profile.side)},
                {"k_recent", options_.profile.k_recent},
                {"gamma", options_.profile.gamma},
                {"center", options_.center},
                {"words_from", options_.words_from == WordsFrom::kReviews ? "reviews" : "personas"},
                {"stop_words", to_json(options_.words)["stop_words"]},  // a list of one's own by its bytes
                {"min_documents", options_.words.min_documents},
                {"max_document_share", options_.words.max_document_share},
                {"uid_with_text", options_.uid_with_text},
                {"dimensions", dimensions_},
                {"has_head", !head_fingerprint_.empty()}};
  facts["weights"] = weights_.value_or(nullptr);
  if (!head_fingerprint_.empty()) facts["head_contract"] = contract_;
  if (!breaches_.empty()) {
    facts["head_breaches"] = breaches_;
    facts["head_leaks"] = leaks_;
  }
  return facts;
}

std::string CacheFacts::build_id() const {
  const Json facts = {
      {"options", option_facts()}, {"lineage", provenance_.lineage()}, {"settings", provenance_.merged_settings()}};
  return sha256_hex(facts.dump());
}

Json CacheFacts::common_meta() const {
  return {{"model", options_.model},         {"dim", dimensions_}, {"normalized", true}, {"pooling", options_.pooling},
          {"encoder", encoder_fingerprint_}, {"build", build_id()}};
}

void CacheFacts::write_folder_metas(const CacheFolders& folders, const CacheReport& report) const {
  const auto write = [&](const std::filesystem::path& folder, const Json& own) {
    Json meta = common_meta();
    meta.update(own);
    write_folder_file(folder / cache_names::kMeta, meta.dump(2) + "\n");
  };
  write(folders.user_item(), {{"mode", name_of(texts_.options().interaction)},
                              {"uses_projection", false},
                              {"rows", report.rows},
                              {"centered", options_.center}});
  write(folders.item_persona(), {{"ablation_fields", field_names(texts_.options().persona_fields)},
                                 {"rows", report.personas},
                                 {"persona_vectors", option_name(options_.persona_vectors)},
                                 {"head", report.has_head},
                                 {"weights", weights_.value_or(nullptr)},
                                 {"centered", options_.center}});
  write(folders.user_profile(), {{"rows_valid", report.users_valid},
                                 {"rows_test", report.users_test},
                                 {"profile", option_name(options_.profile.side)},
                                 {"k_recent", options_.profile.k_recent},
                                 {"gamma", options_.profile.gamma},
                                 {"head", report.has_head}});
  write(folders.words(), {{"rows", report.items},
                          {"rows_valid", report.users_valid},
                          {"rows_test", report.users_test},
                          {"terms_valid", report.terms_valid},
                          {"terms_test", report.terms},
                          {"words_from", options_.words_from == WordsFrom::kReviews ? "reviews" : "personas"}});
}

void CacheFacts::write(const std::filesystem::path& artifact, const std::string& sha256, const CacheReport& report) {
  const Json facts = option_facts();
  for (const auto& [name, value] : facts.items()) provenance_.option(name, value);
  provenance_.option("build", build_id());
  provenance_.model(options_.model);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
           {"interactions", report.interactions},
           {"rows", report.rows},
           {"colliding_uids", report.colliding_uids},
           {"rows_without_text", report.rows_without_text},
           {"items", report.items},
           {"items_without_personas", report.items_without_personas},
           {"personas", report.personas},
           {"personas_from_text", report.personas_from_text},
           {"personas_without_vector", report.personas_without_vector},
           {"support_unknown", report.support_unknown},
           {"support_not_item_side", report.support_not_item_side},
           {"users_valid", report.users_valid},
           {"users_test", report.users_test},
           {"users_without_vector_valid", report.users_without_vector_valid},
           {"users_without_vector_test", report.users_without_vector_test},
           {"users_without_words_valid", report.users_without_words_valid},
           {"users_without_words_test", report.users_without_words_test},
           {"items_without_words", report.items_without_words},
           {"items_without_persona_words", report.items_without_persona_words},
           {"terms", report.terms},
           {"terms_valid", report.terms_valid},
           {"support_of_test", report.support_of_test},
           {"bad_rows", report.bad_rows},
           {"texts", report.encoded.texts},
           {"truncated_texts", report.encoded.truncated}}) {
    provenance_.count(name, value);
  }
  provenance_.run_fact("encoded_texts", report.encoded.encoded);
  provenance_.run_fact("encoded_tokens", report.encoded.tokens);
  provenance_.write(artifact, "cache", sha256, report.rows);
}

}  // namespace persona4rec
