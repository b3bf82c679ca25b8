#include "records/row_json.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "records/row_fields.hpp"

namespace persona4rec {
namespace {

constexpr std::array<std::pair<AspectStatus, std::string_view>, 3> kStatuses{
    {{AspectStatus::kOk, "ok"}, {AspectStatus::kRejected, "rejected"}, {AspectStatus::kNoText, "no_text"}}};
constexpr std::array<std::pair<TargetSplit, std::string_view>, 4> kSplits{{{TargetSplit::kTrain, "train"},
                                                                           {TargetSplit::kValid, "valid"},
                                                                           {TargetSplit::kTest, "test"},
                                                                           {TargetSplit::kReference, "reference"}}};

template <class Table>
auto read_name(const RowView& view, std::string_view field, const Table& table) {
  const auto name = view.string(field);
  std::string names;
  for (const auto& [value, text] : table) {
    if (text == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(text);
  }
  view.fail(field, "expected one of " + names + ", got \"" + std::string(name) + "\"");
}

template <class Table, class Value>
std::string_view name_of(const Table& table, Value value) {
  for (const auto& [known, text] : table) {
    if (known == value) return text;
  }
  return {};
}

SummaryRow read_item(const RowView& view) {
  return {.item_id = view.id<ItemId>("item_id"),
          .item_title = std::string(view.maybe_string("item_title").value_or("")),
          .item_description = std::string(view.maybe_string("item_description").value_or("")),
          .item_summary = std::string(view.maybe_string("item_summary").value_or(""))};
}

std::vector<ReviewId> read_support(const RowView& view) {
  std::vector<ReviewId> support;
  if (!view.has("support")) return support;
  for (const auto element : view.array("support")) {
    auto id = id_text_of(element);
    if (!id) view.fail("support", "expected review ids, got " + std::string(type_name(element)));
    support.emplace_back(std::move(id->first), id->second);
  }
  return support;
}

// "also_enjoys": what personas that were made elsewhere call them.
std::vector<std::string> read_affinities(const RowView& view) {
  std::vector<std::string> names;
  for (const std::string_view field : {"Affinities", "affinities", "also_enjoys"}) {
    if (!view.has(field)) continue;
    for (const auto element : view.array(field)) {
      std::string_view name;
      if (element.get(name) != simdjson::SUCCESS) {
        view.fail(field, "expected strings, got " + std::string(type_name(element)));
      }
      names.emplace_back(name);
    }
    break;
  }
  return names;
}

std::vector<ItemId> read_items(const RowView& view, std::string_view field) {
  std::vector<ItemId> items;
  if (!view.has(field)) return items;
  for (const auto element : view.array(field)) {
    auto id = id_text_of(element);
    if (!id) view.fail(field, "expected item ids, got " + std::string(type_name(element)));
    items.emplace_back(std::move(id->first), id->second);
  }
  return items;
}

std::vector<AffinityCount> read_affinity_counts(const RowView& view) {
  std::vector<AffinityCount> counts;
  if (!view.has("affinity_counts")) return counts;
  for (const auto element : view.array("affinity_counts")) {
    const auto given = view.element("affinity_counts", counts.size(), element);
    counts.push_back({.name = std::string(given.string("name")),
                      .count = given.unsigned_number("count"),
                      .liked_by = given.unsigned_number("liked_by"),
                      .items = read_items(given, "items")});
  }
  return counts;
}

Persona read_persona(const RowView& view) {
  return {.id = std::string(view.string("ID")),
          .name = std::string(view.string("Name")),
          .description = std::string(view.string("Description")),
          .preference_rationale = std::string(view.string("Preference_Rationale")),
          .support = read_support(view),
          .affinities = read_affinities(view),
          .affinity_counts = read_affinity_counts(view),
          .affinity_from = read_items(view, "affinity_from")};
}

// Published rows hold the persona as 3_personas has it: without summary and unique id.
PersonaEntry read_selected(const RowView& view, const ItemId& item) {
  PersonaEntry entry{.persona = read_persona(view), .item_summary = {}, .unique_persona_id = {}};
  entry.item_summary = view.maybe_string("Item_Summary").value_or("");
  entry.unique_persona_id = view.has("unique_persona_id") ? view.id<PersonaId>("unique_persona_id")
                                                          : PersonaId(item.text() + "_" + entry.persona.id);
  return entry;
}

void put_item(Json& out, const SummaryRow& item) {
  out["item_id"] = to_json(item.item_id);
  out["item_title"] = item.item_title;
  out["item_description"] = item.item_description;
  out["item_summary"] = item.item_summary;
}

Json items_json(const std::vector<ItemId>& items) {
  Json out = Json::array();
  for (const auto& item : items) out.push_back(to_json(item));
  return out;
}

void put_affinities(Json& out, const Persona& persona) {
  if (!persona.affinities.empty()) out["Affinities"] = persona.affinities;
  if (persona.affinity_counts.empty()) return;
  Json counts = Json::array();
  for (const auto& count : persona.affinity_counts) {
    counts.push_back({{"name", count.name},
                      {"count", count.count},
                      {"liked_by", count.liked_by},
                      {"items", items_json(count.items)}});
  }
  out["affinity_counts"] = std::move(counts);
  if (!persona.affinity_from.empty()) out["affinity_from"] = items_json(persona.affinity_from);
}

// All but the support.
Json shown_persona_json(const Persona& persona) {
  Json out = {{"ID", persona.id},
              {"Name", persona.name},
              {"Description", persona.description},
              {"Preference_Rationale", persona.preference_rationale}};
  put_affinities(out, persona);
  return out;
}

Json support_json(const Persona& persona) {
  Json support = Json::array();
  for (const auto& id : persona.support) support.push_back(to_json(id));
  return support;
}

Json persona_json(const Persona& persona) {
  Json out = shown_persona_json(persona);
  out["support"] = support_json(persona);
  return out;
}

}  // namespace

std::string to_string(AspectStatus status) {
  return std::string(name_of(kStatuses, status));
}

std::string to_string(TargetSplit split) {
  return std::string(name_of(kSplits, split));
}

template <>
AspectRow read_row<AspectRow>(const RowView& view, const ReadOptions& options) {
  AspectRow row{.review_id = view.id<ReviewId>("review_id"),
                .item_id = view.id<ItemId>("item_id"),
                .user_id = view.id<UserId>("user_id"),
                .rating = read_rating(view, "rating", true),
                .timestamp = read_timestamp(view, "timestamp", options.time),
                .review_title = std::nullopt,
                .review_text = std::string(view.string("review_text")),
                .raw_start = std::nullopt,
                .extracted_aspects = Json::object(),
                .status = AspectStatus::kOk};
  if (const auto title = view.maybe_string("review_title")) row.review_title = *title;
  if (const auto start = view.maybe_string("raw_start")) row.raw_start = *start;
  if (const auto aspects = view.maybe("extracted_aspects")) {
    if (!aspects->is_object()) view.fail("extracted_aspects", "expected an object");
    if (options.aspects) row.extracted_aspects = to_json(*aspects);
  }
  if (view.has("status")) row.status = read_name(view, "status", kStatuses);
  return row;
}

template <>
SummaryRow read_row<SummaryRow>(const RowView& view, const ReadOptions& /*options*/) {
  return read_item(view);
}

template <>
GroupedRow read_row<GroupedRow>(const RowView& view, const ReadOptions& options) {
  GroupedRow row{.item = read_item(view), .aspects = {}};
  std::size_t index = 0;
  for (const auto element : view.array("aspects")) {
    row.aspects.push_back(read_row<AspectRow>(view.element("aspects", index++, element), options));
  }
  return row;
}

template <>
PersonaRow read_row<PersonaRow>(const RowView& view, const ReadOptions& /*options*/) {
  PersonaRow row{.item = read_item(view), .review_count = view.unsigned_number("review_count"), .personas = {}};
  std::size_t index = 0;
  for (const auto element : view.array("personas")) {
    row.personas.push_back(read_persona(view.element("personas", index++, element)));
  }
  return row;
}

template <>
PersonaWithSummaryRow read_row<PersonaWithSummaryRow>(const RowView& view, const ReadOptions& /*options*/) {
  PersonaWithSummaryRow row{.item_id = view.id<ItemId>("item_id"), .personas = {}};
  std::size_t index = 0;
  for (const auto element : view.array("personas")) {
    row.personas.push_back(read_row<PersonaEntry>(view.element("personas", index++, element)));
  }
  return row;
}

template <>
GroundTruthRow read_row<GroundTruthRow>(const RowView& view, const ReadOptions& /*options*/) {
  return {.user_id = view.id<UserId>("user_id"), .item_id = view.id<ItemId>("item_id")};
}

template <>
TargetRow read_row<TargetRow>(const RowView& view, const ReadOptions& options) {
  return {.user_id = view.id<UserId>("user_id"),
          .item_id = view.id<ItemId>("item_id"),
          .review_id = view.id<ReviewId>("review_id"),
          .timestamp = read_timestamp(view, "timestamp", options.time),
          .split = read_name(view, "split", kSplits)};
}

template <>
PersonaEntry read_row<PersonaEntry>(const RowView& view, const ReadOptions& /*options*/) {
  return {.persona = read_persona(view),
          .item_summary = std::string(view.maybe_string("Item_Summary").value_or("")),
          .unique_persona_id = view.id<PersonaId>("unique_persona_id")};
}

template <>
SelectedPersonaRow read_row<SelectedPersonaRow>(const RowView& view, const ReadOptions& /*options*/) {
  const auto persona = view.object("selected_persona");
  SelectedPersonaRow row{.user_id = view.id<UserId>("user_id"),
                         .target_item_id = view.id<ItemId>("target_item_id"),
                         .selected_persona_id = std::string(view.string("selected_persona_id")),
                         .selected_persona_name = std::string(view.string("selected_persona_name")),
                         .selected_persona = read_selected(persona, view.id<ItemId>("target_item_id")),
                         .selection_reasoning = std::string(view.maybe_string("selection_reasoning").value_or("")),
                         .split = std::nullopt};
  if (view.has("split")) row.split = read_name(view, "split", kSplits);
  return row;
}

Json to_json(const AspectRow& row) {
  Json out = {{"review_id", to_json(row.review_id)},
              {"item_id", to_json(row.item_id)},
              {"user_id", to_json(row.user_id)},
              {"rating", to_json(row.rating)},
              {"timestamp", to_json(row.timestamp)}};
  if (row.review_title) out["review_title"] = *row.review_title;
  out["review_text"] = row.review_text;
  if (row.raw_start) out["raw_start"] = *row.raw_start;
  out["extracted_aspects"] = row.extracted_aspects;
  out["status"] = name_of(kStatuses, row.status);
  return out;
}

Json to_json(const SummaryRow& row) {
  Json out = Json::object();
  put_item(out, row);
  return out;
}

Json to_json(const PersonaRow& row) {
  Json out = Json::object();
  put_item(out, row.item);
  out["review_count"] = row.review_count;
  out["personas"] = Json::array();
  for (const auto& persona : row.personas) out["personas"].push_back(persona_json(persona));
  out["persona_count"] = row.personas.size();
  return out;
}

Json to_json(const PersonaWithSummaryRow& row) {
  Json out = {{"item_id", to_json(row.item_id)}, {"personas", Json::array()}};
  for (const auto& entry : row.personas) {
    out["personas"].push_back(to_json(entry));
    out["personas"].back()["support"] = support_json(entry.persona);
  }
  return out;
}

Json to_json(const PersonaEntry& entry) {
  Json out = shown_persona_json(entry.persona);
  out["Item_Summary"] = entry.item_summary;
  out["unique_persona_id"] = to_json(entry.unique_persona_id);
  return out;
}

Json to_json(const GroundTruthRow& row) {
  return {{"user_id", to_json(row.user_id)}, {"item_id", to_json(row.item_id)}};
}

Json to_json(const TargetRow& row) {
  return {{"user_id", to_json(row.user_id)},
          {"item_id", to_json(row.item_id)},
          {"review_id", to_json(row.review_id)},
          {"timestamp", to_json(row.timestamp)},
          {"split", to_string(row.split)}};
}

Json to_json(const SelectedPersonaRow& row) {
  Json out = {{"user_id", to_json(row.user_id)},
              {"target_item_id", to_json(row.target_item_id)},
              {"selected_persona_id", row.selected_persona_id},
              {"selected_persona_name", row.selected_persona_name},
              {"selected_persona", to_json(row.selected_persona)},
              {"selection_reasoning", row.selection_reasoning}};
  if (row.split) out["split"] = to_string(*row.split);
  return out;
}

}  // namespace persona4rec
