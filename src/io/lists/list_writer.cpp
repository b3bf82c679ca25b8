#include "io/lists/list_writer.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "base/bulk/json_text.hpp"
#include "io/lists/trec_writer.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kRunTag = "persona4rec";

void append_cell(std::string& text, std::string_view cell, char delimiter) {
  const char special[] = {delimiter, '"', '\r', '\n'};
  if (cell.find_first_of(std::string_view(special, sizeof(special))) == std::string_view::npos) {
    text += cell;
    return;
  }
  text += '"';
  for (const char c : cell) {
    if (c == '"') text += '"';
    text += c;
  }
  text += '"';
}

std::string number_cell(const std::optional<double>& value) {
  if (!value) return {};
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), *value).ptr};
}

char delimiter_of(ListOutput format) {
  return format == ListOutput::kTsv ? '\t' : ',';
}

void append_row(std::string& text, std::initializer_list<std::string_view> cells, char delimiter) {
  bool first = true;
  for (const auto cell : cells) {
    if (!first) text += delimiter;
    first = false;
    append_cell(text, cell, delimiter);
  }
  text += '\n';
}

CandidateRow as_list(const RerankedItems& list) {
  CandidateRow out{.user_id = UserId(std::string(list.user))};
  for (const auto& item : list.items) {
    out.results.push_back({.item_id = ItemId(std::string(item.candidate.id)), .score = item.score});
  }
  return out;
}

void append_optional(std::string& text, const std::optional<double>& value) {
  if (value) {
    append_json(text, *value);
  } else {
    text += "null";
  }
}

void append_json_list(std::string& text, const CandidateRow& list) {
  text += "{\"user_id\":";
  append_json_id(text, list.user_id.text(), list.user_id.is_integer());
  if (list.topk) text.append(",\"topk\":").append(std::to_string(*list.topk));
  if (list.filter_scope) append_json(text += ",\"filter_scope\":", *list.filter_scope);
  text += ",\"results\":[";
  for (std::size_t i = 0; i < list.results.size(); ++i) {
    const auto& result = list.results[i];
    append_json_id(text += i == 0 ? "{\"item_id\":" : ",{\"item_id\":", result.item_id.text(),
                   result.item_id.is_integer());
    if (result.score) append_json(text += ",\"score\":", *result.score);
    text += '}';
  }
  text += ']';
  if (!list.context.is_null()) text.append(",\"context\":").append(list.context.dump());
  text += "}\n";
}

void append_json_item(std::string& text, const RerankedItem& item) {
  append_json_id(text += "{\"item_id\":", item.candidate.id, item.candidate.id_is_integer);
  append_json(text += ",\"score\":", item.score);
  if (item.persona_id != nullptr) {
    append_json_id(text += ",\"persona_id\":", item.persona_id->text(), item.persona_id->is_integer());
    append_json(text += ",\"persona_name\":", *item.persona_name);
    append_json(text += ",\"persona_score\":", item.persona_score);
  } else {
    text += ",\"persona_id\":null,\"persona_name\":null,\"persona_score\":null";
  }
  append_optional(text += ",\"base_score\":", item.candidate.score);
  text.append(",\"base_rank\":").append(std::to_string(item.base_rank)) += '}';
}

void append_json_reranked(std::string& text, const RerankedItems& list) {
  append_json_id(text += "{\"user_id\":", list.user, list.user_is_integer);
  text += ",\"results\":[";
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (i > 0) text += ',';
    append_json_item(text, list.items[i]);
  }
  text += "]}\n";
}

}  // namespace

ListOutput output_format(const std::filesystem::path& path, ListOutput asked, ListOutput otherwise) {
  if (asked != ListOutput::kByName) return asked;
  std::string ending = path.extension().string();
  if (ending == ".gz") ending = path.stem().extension().string();
  if (ending == ".trec" || ending == ".run") return ListOutput::kTrec;
  if (ending == ".csv") return ListOutput::kCsv;
  if (ending == ".tsv") return ListOutput::kTsv;
  return ending == ".jsonl" ? ListOutput::kJsonl : otherwise;
}

std::string to_string(ListOutput format) {
  if (format == ListOutput::kTrec) return "trec";
  if (format == ListOutput::kCsv) return "csv";
  return format == ListOutput::kTsv ? "tsv" : "jsonl";
}

std::string_view list_header(ListOutput format) {
  if (format == ListOutput::kCsv) return "user_id,item_id,score\n";
  return format == ListOutput::kTsv ? "user_id\titem_id\tscore\n" : "";
}

std::string_view reranked_header(ListOutput format) {
  if (format == ListOutput::kCsv)
    return "user_id,item_id,score,persona_id,persona_name,persona_score,base_score,base_rank\n";
  return format == ListOutput::kTsv
             ? "user_id\titem_id\tscore\tpersona_id\tpersona_name\tpersona_score\tbase_score\tbase_rank\n"
             : "";
}

void append_list(std::string& text, const CandidateRow& list, ListOutput format, std::string_view tag) {
  if (format == ListOutput::kTrec) return append_run(text, list, tag);
  if (format == ListOutput::kJsonl) return append_json_list(text, list);
  for (const auto& result : list.results)
    append_row(text, {list.user_id.text(), result.item_id.text(), number_cell(result.score)}, delimiter_of(format));
}

void append_reranked(std::string& text, const RerankedItems& list, ListOutput format) {
  if (format == ListOutput::kTrec) return append_run(text, as_list(list), kRunTag);
  if (format == ListOutput::kJsonl) return append_json_reranked(text, list);
  for (const auto& item : list.items) {
    const bool speaks = item.persona_id != nullptr;
    append_row(
        text,
        {list.user, item.candidate.id, number_cell(item.score), speaks ? std::string_view(item.persona_id->text()) : "",
         speaks ? std::string_view(*item.persona_name) : "",
         number_cell(speaks ? std::optional(item.persona_score) : std::nullopt), number_cell(item.candidate.score),
         std::to_string(item.base_rank)},
        delimiter_of(format));
  }
}

}  // namespace persona4rec
