#include "cli/report/explained_section.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/excerpt.hpp"
#include "base/format.hpp"
#include "io/json_file.hpp"
#include "io/provenance.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/explain.hpp"
#include "report/workspace/item_titles.hpp"
#include "report/workspace/run_files.hpp"
#include "report/workspace/truth_items.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kReviewBytes = 220;
constexpr std::size_t kPersonaBytes = 280;
constexpr std::size_t kReviews = 2;  // of each kind

// The judged file that is this workspace's rerank, and the lists it was made of.
struct Reranked {
  std::size_t file = 0;
  Json meta;
  std::filesystem::path candidates;
};

std::filesystem::path find_candidates(const EvalReport& report, const Workspace& workspace, const Json& meta) {
  const std::string sha256 = string_at(object_at(meta, "inputs"), "candidates");
  for (const auto& file : report.files) {
    if (file.sha256 == sha256 && std::filesystem::is_regular_file(file.path)) return file.path;
  }
  const auto own = workspace.candidates(report.world);
  return !sha256.empty() && string_at(read_stage_files(own).meta, "sha256") == sha256 ? own : std::filesystem::path();
}

std::optional<Reranked> find_reranked(const EvalReport& report, const Workspace& workspace) {
  const std::string cache = string_at(read_stage_files(workspace.cache()).meta, "sha256");
  for (std::size_t f = report.files.size(); f-- > 0;) {
    if (!std::filesystem::is_regular_file(report.files[f].path)) continue;
    const Json meta = read_stage_files(report.files[f].path).meta;
    if (string_at(meta, "command") != "rerank" || cache.empty()) continue;
    if (string_at(object_at(meta, "inputs"), "cache") != cache) continue;
    return Reranked{.file = f, .meta = meta, .candidates = find_candidates(report, workspace, meta)};
  }
  return std::nullopt;
}

// As the lists were reranked.
ScoringOptions scoring_of(const Json& meta) {
  const Json options = object_at(meta, "options");
  const Json weights = object_at(options, "weights");
  ScoringOptions scoring{.alpha = number_at(options, "alpha"), .weights = {}};
  FusionWeights& named = scoring.named_weights.emplace();
  for (const auto& [channel, weight] : kWeightNames) named.*weight = number_at(weights, channel).value_or(0);
  return scoring;
}

// Users who have a list, evenly spread. Who counts as 0 without one is known by a true item alone.
std::vector<std::uint32_t> spread_users(const EvalReport& report, const EvalFile& file, std::size_t count) {
  std::vector<std::uint32_t> users;
  for (std::uint32_t user = 0; user < file.evaluated.size(); ++user) {
    const bool has_list = report.missing == MissingLists::kSkip || file.first_rank[user] != 0;
    if (file.evaluated[user] != 0 && has_list) users.push_back(user);
  }
  const std::size_t chosen = std::min(count, users.size());
  for (std::size_t i = 0; i < chosen; ++i) users[i] = users[i * users.size() / chosen];
  users.resize(chosen);
  return users;
}

class Explained {
 public:
  Explained(const EvalReport& report, const ExplainedOptions& options, const Reranked& reranked)
      : report_(report),
        options_(options),
        reranked_(reranked),
        users_(spread_users(report, report.files[reranked.file], options.count)) {}

  ReportExplanations run() {
    read_truth();
    for (const auto user : users_) {
      Json explanation = explain(rerank_options(), explain_options(report_.users[user]));
      for (const auto& result : explanation["results"]) note_items(result);
      found_.emplace_back(user, std::move(explanation));
    }
    read_item_titles(options_.workspace, titles_);
    ReportExplanations explanations;
    for (const auto& [user, explanation] : found_) {
      for (const auto& result : explanation["results"]) explanations.push_back(entry(user, result));
    }
    return explanations;
  }

 private:
  [[nodiscard]] RerankOptions rerank_options() const {
    RerankOptions options;
    options.cache = options_.workspace.cache();
    options.candidates = reranked_.candidates;
    options.world = report_.world;
    options.scoring = scoring_of(reranked_.meta);
    options.max_bad_rows = options_.max_bad_rows;
    options.force = options_.force;
    return options;
  }

  [[nodiscard]] ExplainOptions explain_options(const UserId& user) const {
    return {.user = user,
            .count = 1,
            .reviews = kReviews,
            .history = options_.workspace.history(),
            .persona_with_summary = options_.workspace.persona_with_summary(),
            .time = options_.time};
  }

  void read_truth() {
    if (!std::filesystem::is_regular_file(options_.ground_truth)) return;
    for (const auto user : users_) taken_[report_.users[user]] = {};
    const TruthOptions how{
        .world = report_.world, .format = options_.truth_format, .max_bad_rows = options_.max_bad_rows};
    read_truth_items(options_.ground_truth, how, [&](const UserId& user, const ItemId& item) {
      const auto found = taken_.find(user);
      if (found == taken_.end()) return;
      found->second.push_back(item);
      titles_[item];
    });
  }

  static ItemId item_of(const Json& row) {
    const auto& id = row.at("item_id");
    return ItemId(id.is_string() ? id.get<std::string>() : id.dump());
  }
  static std::string user_of(const Json& row) {
    const auto& id = row.at("user_id");
    return id.is_string() ? id.get<std::string>() : id.dump();
  }

  void note_items(const Json& result) {
    titles_[item_of(result)];
    for (const auto& review : result.at("history")) {
      if (review.contains("item_id")) titles_[item_of(review)];
    }
  }

  [[nodiscard]] std::string title(const ItemId& item) const {
    const auto found = titles_.find(item);
    return found == titles_.end() || found->second.empty() ? item.text() : found->second;
  }

  [[nodiscard]] std::string outcome(std::uint32_t user, const ItemId& best, bool& hit) const {
    const auto found = taken_.find(report_.users[user]);
    if (found == taken_.end() || found->second.empty())
      return "What the user took is not known: the ground truth came through a pipe.";
    hit = std::ranges::find(found->second, best) != found->second.end();
    if (hit) return "The user took this item.";
    std::string text = "The user took " + title(found->second.front());
    if (found->second.size() > 1) text += " and " + with_commas(found->second.size() - 1) + " more";
    const auto rank = report_.files[reranked_.file].first_rank[user];
    if (rank == 0) return text + ", which is not in the list.";
    return text + "; the list has " + (found->second.size() > 1 ? "the first of them" : "it") + " at place " +
           with_commas(rank) + ".";
  }

  static ExplainedReview review(const Json& row, const std::string& head) {
    if (!row.contains("text"))
      return {.head = "review " + row.value("uid", ""), .text = "(its text is not in 3.5_history.jsonl)"};
    const std::string title = row.value("title", "");
    const std::string text = (title.empty() ? "" : title + " | ") + row.value("text", "");
    const bool rated = row.contains("rating") && row["rating"].is_number();
    return {.head = (rated ? number_text("%g stars, ", row["rating"].get<double>()) : "") + head + ":",
            .text = excerpt(text, kReviewBytes)};
  }

  [[nodiscard]] ReportExplanation entry(std::uint32_t user, const Json& result) const {
    const ItemId item = item_of(result);
    ReportExplanation one{.title = title(item),
                          .subtitle = "item " + item.text() + ", for user " + report_.users[user].text() +
                                      ": place 1, was " + with_commas(result.value("base_rank", std::uint64_t{0})) +
                                      ", score " + number_text("%.3f", result.value("score", kNoBound))};
    one.outcome = outcome(user, item, one.hit);
    for (const auto& [name, channel] : result.at("channels").items()) {
      one.channels.emplace_back(name, channel.value("z", 0.0) * channel.value("weight", 0.0));
    }
    for (const auto& word : result.at("words")) one.words += (one.words.empty() ? "" : ", ") + word.get<std::string>();
    if (const auto& persona = result.at("persona"); persona.is_object()) {
      one.persona = persona.value("name", "");
      one.persona_text = excerpt(persona.value("description", ""), kPersonaBytes);
    }
    for (const auto& row : result.at("support"))
      one.support.push_back(review(row, row.contains("user_id") ? "user " + user_of(row) : ""));
    for (const auto& row : result.at("history"))
      one.history.push_back(review(row, row.contains("item_id") ? "on " + title(item_of(row)) : ""));
    return one;
  }

  const EvalReport& report_;
  const ExplainedOptions& options_;
  const Reranked& reranked_;
  std::vector<std::uint32_t> users_;
  std::unordered_map<UserId, std::vector<ItemId>> taken_;
  std::vector<std::pair<std::uint32_t, Json>> found_;
  ItemTitles titles_;
};

// What explain() reads is there.
std::string missing_input(const Workspace& workspace) {
  for (const auto& path : {workspace.history(), workspace.persona_with_summary()}) {
    if (!std::filesystem::is_regular_file(path)) return path.filename().string();
  }
  return {};
}

}  // namespace

ReportSection explained_section(const EvalReport& report, const ExplainedOptions& options) {
  ReportSection section{.id = "examples", .title = "Explained recommendations", .blocks = {}};
  const auto absent = [&](const std::string& why) {
    section.blocks.emplace_back(ReportNote{"No examples: " + why + ".", NoteKind::kAbsent});
    return section;
  };
  const auto reranked = find_reranked(report, options.workspace);
  if (!reranked) return absent("none of the judged files was reranked with this workspace's cache as it is");
  if (reranked->candidates.empty())
    return absent("the lists that " + report.files[reranked->file].name + " was made of are not there");
  if (const auto missing = missing_input(options.workspace); !missing.empty()) return absent(missing + " is not there");
  ReportExplanations explanations = Explained(report, options, *reranked).run();
  if (explanations.empty()) return absent("no user has a list");
  section.blocks.emplace_back(
      ReportNote{"The best recommendation of " + with_commas(explanations.size()) +
                 " users who lie evenly over the ground truth, by " + report.files[reranked->file].name +
                 "; not picked by how well they went. Bars: what each channel adds to the score."});
  section.blocks.emplace_back(std::move(explanations));
  return section;
}

}  // namespace persona4rec
