#include "profiles/serving_contract.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/bulk/sort_distinct.hpp"
#include "base/hash.hpp"
#include "base/version.hpp"
#include "io/json_file.hpp"
#include "io/output_file.hpp"
#include "lexical/vocabulary.hpp"
#include "matching/option_names.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "serving_contract.json";
constexpr const char* kUidFile = "serving_contract.u64";
constexpr int kFormat = 1;

std::string bytes_of(const std::vector<Uid>& uids) {
  return {reinterpret_cast<const char*>(uids.data()), uids.size() * sizeof(Uid)};
}

[[noreturn]] void fail(const fs::path& path, const std::string& message) {
  throw input_error({.file = path.string()}, message + ": run `persona4rec train` again");
}

// Both lists, one behind the other.
std::vector<Uid> read_uids(const fs::path& path, std::size_t count, const std::string& sha256) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path, "cannot be read");
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() / sizeof(Uid) != count || bytes.size() % sizeof(Uid) != 0 || sha256_hex(bytes) != sha256) {
    fail(path, std::string("is not the list that ") + kFile + " speaks of");
  }
  std::vector<Uid> uids(count);
  if (count > 0) std::memcpy(uids.data(), bytes.data(), bytes.size());
  return uids;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void compare_terms(const Json& trained, const Json& served, std::vector<ContractBreach>& breaches) {
  for (const auto& [name, value] : served.items()) {
    const Json before = trained.value(name, Json());
    if (before == value) continue;
    const bool text = name == "profile_text";  // a hash says nothing to anybody
    breaches.push_back(
        {.reason = text ? "its profile texts are others (prompts, --interaction-text, --persona-fields or "
                          "prefixes)"
                        : name + " was " + text_of(before) + " in its training and is " + text_of(value) + " here"});
  }
}

std::uint64_t count_missing(const std::vector<Uid>& wanted, const std::vector<Uid>& known) {
  std::vector<Uid> missing;
  std::ranges::set_difference(wanted, known, std::back_inserter(missing));
  return missing.size();
}

// How many of the rows' targets of a split are among `seen`.
struct Seen {
  std::uint64_t seen = 0;
  std::uint64_t all = 0;
};
Seen count_seen(const InteractionRows& rows, TargetSplit split, const std::vector<Uid>& seen) {
  Seen count;
  for (const auto& target : rows.split.targets()) {
    if (target.split != split) continue;
    ++count.all;
    count.seen += std::ranges::binary_search(seen, rows.plain_uid(target.interaction)) ? 1 : 0;
  }
  return count;
}

}  // namespace

Json terms_json(const ServingTerms& terms, const ProfileText& texts) {
  return {{"profile", option_name(terms.profile.side)},
          {"k_recent", terms.profile.k_recent},
          {"gamma", terms.profile.gamma},
          {"persona_vectors", option_name(terms.persona_vectors)},
          {"center", terms.center},
          {"liked_from", terms.liked_from},
          {"words", to_json(terms.words)},
          {"profile_text", texts.fingerprint()}};
}

void note_interactions(const InteractionRows& rows, ServingContract& contract) {
  for (std::uint32_t i = 0; i < rows.data.size(); ++i) {
    if (rows.split.item_side(i)) contract.fit.push_back(rows.plain_uid(i));
  }
  for (const auto& target : rows.split.targets()) {
    if (target.split == TargetSplit::kValid) contract.chosen.push_back(rows.plain_uid(target.interaction));
  }
  for (auto* uids : {&contract.fit, &contract.chosen}) sort_distinct(*uids);
}

void write_serving_contract(const fs::path& encoder, const ServingContract& contract) {
  const std::string uids = bytes_of(contract.fit) + bytes_of(contract.chosen);
  write_file(encoder / kUidFile, uids);
  const Json json = {{"format", kFormat},
                     {"version", version()},
                     {"terms", contract.terms},
                     {"alpha", contract.alpha},
                     {"settings", contract.settings},
                     {"fit", contract.fit.size()},
                     {"chosen", contract.chosen.size()},
                     {"sha256", sha256_hex(uids)}};
  write_file(encoder / kFile, json.dump(2) + "\n");
}

std::optional<ServingContract> read_serving_contract(const fs::path& encoder) {
  const fs::path path = encoder / kFile;
  if (!fs::exists(path)) return std::nullopt;
  const Json json = read_json_file(path);
  try {
    if (json.at("format").get<int>() > kFormat) {
      throw input_error({.file = path.string()}, "was written by persona4rec " +
                                                     json.value("version", "of a later time") +
                                                     ", which this version cannot read");
    }
    ServingContract contract{
        .terms = json.at("terms"), .alpha = json.at("alpha"), .settings = json.at("settings"), .fit = {}, .chosen = {}};
    const auto fit = json.at("fit").get<std::size_t>();
    const auto chosen = json.at("chosen").get<std::size_t>();
    auto uids = read_uids(encoder / kUidFile, fit + chosen, json.at("sha256"));
    const auto middle = uids.begin() + static_cast<std::ptrdiff_t>(std::min(fit, uids.size()));
    contract.fit.assign(uids.begin(), middle);
    contract.chosen.assign(middle, uids.end());
    if (!contract.terms.is_object() || !contract.settings.is_object() || !std::ranges::is_sorted(contract.fit) ||
        !std::ranges::is_sorted(contract.chosen)) {
      fail(path, "is broken");
    }
    return contract;
  } catch (const Json::exception& error) {
    fail(path, std::string("is broken (") + error.what() + ")");
  }
}

std::vector<ContractBreach> contract_breaches(const ServingContract& contract, const Json& terms,
                                              const InteractionRows& rows) {
  std::vector<ContractBreach> breaches;
  compare_terms(contract.terms, terms, breaches);
  std::vector<Uid> known;
  known.reserve(rows.data.size());
  for (std::uint32_t i = 0; i < rows.data.size(); ++i) known.push_back(rows.plain_uid(i));
  std::ranges::sort(known);
  if (const auto missing = count_missing(contract.fit, known); missing > 0) {
    breaches.push_back({.reason = "its fit saw " + std::to_string(missing) +
                                  " interactions that this workspace does not have (of " +
                                  std::to_string(contract.fit.size()) + ")"});
  }
  if (rows.split.policy() == SplitPolicy::kReference) return breaches;
  const auto leak = [&](TargetSplit split, const std::vector<Uid>& seen, const char* how) {
    const auto count = count_seen(rows, split, seen);
    if (count.seen == 0) return;
    breaches.push_back({.reason = std::string("its ") + how + " saw " + std::to_string(count.seen) + " of the " +
                                  std::to_string(count.all) + " " + to_string(split) +
                                  " targets that it would be judged by (it was trained under --split " +
                                  contract.settings.value("split", "?") + ")",
                        .leak = true});
  };
  leak(TargetSplit::kTest, contract.fit, "fit");
  leak(TargetSplit::kValid, contract.fit, "fit");
  leak(TargetSplit::kTest, contract.chosen, "choice of the epoch");
  return breaches;
}

}  // namespace persona4rec
