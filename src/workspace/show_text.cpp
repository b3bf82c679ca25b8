#include "workspace/show_text.hpp"

#include <string>
#include <vector>

#include "base/format.hpp"
#include "base/utf8.hpp"
#include "records/affinities.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kShownBytes = 240;

std::string plain(const Json& value) {
  return value.is_string() ? one_line(value.get<std::string>(), kShownBytes) : value.dump();
}

// g05 "Salt Assembly"
std::string named(const Json& id, const Json& title) {
  const auto text = plain(title);
  return plain(id) + (text.empty() ? "" : " \"" + text + "\"");
}

void add_heading(std::string& out, const char* what, const Json& shown) {
  const auto count = shown["count"].get<std::uint64_t>();
  out += std::string("\n") + what + ": " + with_commas(count);
  if (count > shown["shown"].size()) out += ", " + std::to_string(shown["shown"].size()) + " shown";
  out += "\n";
}

void add_review(std::string& out, const Json& review) {
  out += "  - " + plain(review["time"]);
  if (!review["rating"].is_null()) out += ", " + review["rating"].dump() + " stars";
  out += review.contains("item_id") ? ", " + named(review["item_id"], review["item_title"])
                                    : ", user " + plain(review["user_id"]);
  const auto title = plain(review["title"]);
  out += ": " + title + (title.empty() ? "" : " | ") + plain(review["text"]) + "\n";
  for (const auto& [name, value] : review["aspects"].items()) {
    if (value.is_string()) out += "      " + name + ": " + plain(value) + "\n";
  }
}

void add_matches(std::string& out, const Json& matches, bool of_item) {
  add_heading(out, "chosen by the judge", matches);
  for (const auto& match : matches["shown"]) {
    out += "  - " + (of_item ? "user " + plain(match["user_id"]) : named(match["item_id"], match["title"])) + ": " +
           named(match["persona_id"], match["persona_name"]) + ": " + plain(match["reasoning"]) + "\n";
  }
}

void add_item(std::string& out, const Json& item) {
  out += "item " + named(item["item_id"], item["title"]) + "\n  " + plain(item["summary"]) + "\n";
  out += "\npersonas: " + std::to_string(item["personas"].size()) + "\n";
  for (const auto& persona : item["personas"]) {
    out += "  - " + named(persona["id"], persona["name"]) + ", " + persona["support"].dump() + " supporting reviews\n";
    for (const auto* field : {"description", "preference_rationale"}) out += "      " + plain(persona[field]) + "\n";
    const auto names = affinity_text(persona["affinities"].get<std::vector<std::string>>());
    if (!names.empty()) out += "      also likes: " + one_line(names, kShownBytes) + "\n";
  }
  add_heading(out, "reviews", item["reviews"]);
  for (const auto& review : item["reviews"]["shown"]) add_review(out, review);
  add_matches(out, item["matches"], true);
  add_heading(out, "in reranked lists", item["lists"]);
  for (const auto& list : item["lists"]["shown"]) {
    out += "  - user " + plain(list["user_id"]) + ": place " + list["rank"].dump() + ", was " +
           list["base_rank"].dump() + "\n";
  }
}

void add_user(std::string& out, const Json& user) {
  out += "user " + plain(user["user_id"]) + "\n";
  add_heading(out, "reviews, the newest last", user["history"]);
  for (const auto& review : user["history"]["shown"]) add_review(out, review);
  for (const auto& target : user["targets"]) {
    out += "\n" + plain(target["split"]) + " target: " + named(target["item_id"], target["title"]) + "\n";
  }
  add_matches(out, user["matches"], false);
  if (user["list"].is_null()) return;
  add_heading(out, "reranked list", user["list"]);
  for (const auto& result : user["list"]["shown"]) {
    out += "  " + result["rank"].dump() + ". " + named(result["item_id"], result["title"]) + ", was " +
           result["base_rank"].dump();
    const auto persona = plain(result["persona_name"]);
    out += (persona.empty() ? "" : ", for \"" + persona + "\"") + "\n";
  }
}

}  // namespace

std::string show_text(const Json& shown) {
  std::string out;
  if (shown.contains("user_id")) {
    add_user(out, shown);
  } else {
    add_item(out, shown);
  }
  for (const auto& file : shown["missing"]) {
    out += "\n" + plain(file["file"]) + " is missing: " + plain(file["then"]) + "\n";
  }
  return out;
}

}  // namespace persona4rec
