#include "persona4rec/explain.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/format.hpp"
#include "base/utf8.hpp"
#include "records/affinities.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kShownBytes = 240;

std::string decimals(const Json& value, const char* format) {
  return value.is_number() ? number_text(format, value.get<double>()) : "--";
}

std::string id_text(const Json& id) {
  return id.is_string() ? id.get<std::string>() : id.dump();
}

// g05 "Salt Assembly"
std::string item_text(const Json& shown) {
  const auto title = one_line(shown["item_title"].get<std::string>(), kShownBytes);
  return id_text(shown["item_id"]) + (title.empty() ? "" : " \"" + title + "\"");
}

void add_channels(std::string& out, const Json& result) {
  for (const auto& [name, channel] : result["channels"].items()) {
    std::string label = name;
    label.resize(std::max<std::size_t>(label.size(), 8), ' ');
    out += "     " + label + " " + decimals(channel["value"], "%8.4f") + "   z " + decimals(channel["z"], "%+6.2f") +
           "  x " + decimals(channel["weight"], "%.3g");
    if (name == "words" && !result["words"].empty()) {
      out += "   in common:";
      for (const auto& word : result["words"]) out += " " + word.get<std::string>();
    }
    out += "\n";
  }
}

void add_reviews(std::string& out, const char* heading, const Json& reviews) {
  if (reviews.empty()) return;
  out += std::string("   ") + heading + "\n";
  for (const auto& review : reviews) {
    if (!review.contains("user_id")) {
      out += "     - review " + review["uid"].get<std::string>() + " (not in the history file)\n";
      continue;
    }
    const auto title = one_line(review["title"].get<std::string>(), kShownBytes);
    const auto text = one_line(review["text"].get<std::string>(), kShownBytes);
    out += "     - " + (review["rating"].is_null() ? "" : review["rating"].dump() + " stars, ") + "user " +
           id_text(review["user_id"]) + " on " + item_text(review);
    if (review.contains("similarity")) out += ", similarity " + decimals(review["similarity"], "%.3f");
    out += ": " + title;
    if (!title.empty() && !text.empty()) out += " | ";
    out += text + "\n";
  }
}

void add_persona(std::string& out, const Json& result) {
  const auto& persona = result["persona"];
  if (persona.is_null()) {
    out += "   no persona channel: the item or the user has none\n";
    return;
  }
  out += "   matched persona " + id_text(persona["id"]) + " \"" +
         one_line(persona["name"].get<std::string>(), kShownBytes) + "\", score " + decimals(persona["score"], "%.4f") +
         "\n";
  for (const auto* field : {"description", "preference_rationale"}) {
    if (persona.contains(field)) out += "     " + one_line(persona[field].get<std::string>(), kShownBytes) + "\n";
  }
  if (persona.contains("affinities") && !persona["affinities"].empty()) {
    const auto names = persona["affinities"].get<std::vector<std::string>>();
    out += "     also likes: " + one_line(affinity_text(names), kShownBytes) + "\n";
  }
  add_reviews(out, "reviews that support it", result["support"]);
  add_reviews(out, "closest to it in the user's history", result["history"]);
}

}  // namespace

std::string explanation_text(const Json& explanation) {
  const auto& results = explanation["results"];
  std::string out = "user " + id_text(explanation["user_id"]) + ", world " + explanation["world"].get<std::string>() +
                    ": best " + std::to_string(results.size()) + " of " + explanation["candidates"].dump() +
                    " candidates, weights " + explanation["weights_from"].get<std::string>() + "\n";
  for (const auto& result : results) {
    out += "\n" + result["rank"].dump() + ". " + item_text(result) + "   was " + result["base_rank"].dump() +
           ", score " + decimals(result["score"], "%.3f") + "\n";
    add_channels(out, result);
    add_persona(out, result);
  }
  return out;
}

}  // namespace persona4rec
