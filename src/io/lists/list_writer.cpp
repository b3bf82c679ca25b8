#include "io/lists/list_writer.hpp"

#include <array>
#include <charconv>

#include "io/lists/trec_writer.hpp"
#include "records/row_json.hpp"

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

CandidateRow as_list(const RerankedRow& list) {
  CandidateRow out{.user_id = list.user_id};
  for (const auto& result : list.results) out.results.push_back({.item_id = result.item_id, .score = result.score});
  return out;
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
  if (format == ListOutput::kJsonl) {
    text.append(to_json(list).dump()).append("\n");
    return;
  }
  for (const auto& result : list.results)
    append_row(text, {list.user_id.text(), result.item_id.text(), number_cell(result.score)}, delimiter_of(format));
}

void append_reranked(std::string& text, const RerankedRow& list, ListOutput format) {
  if (format == ListOutput::kTrec) return append_run(text, as_list(list), kRunTag);
  if (format == ListOutput::kJsonl) {
    text.append(to_json(list).dump()).append("\n");
    return;
  }
  for (const auto& result : list.results) {
    append_row(text,
               {list.user_id.text(), result.item_id.text(), number_cell(result.score),
                result.persona_id ? std::string_view(result.persona_id->text()) : "",
                result.persona_name ? std::string_view(*result.persona_name) : "", number_cell(result.persona_score),
                number_cell(result.base_score), std::to_string(result.base_rank)},
               delimiter_of(format));
  }
}

}  // namespace persona4rec
