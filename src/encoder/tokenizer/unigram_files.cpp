#include "encoder/tokenizer/unigram_files.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/utf8.hpp"

#include "encoder/model_folder/model_json.hpp"
#include "encoder/tokenizer/code_points.hpp"
#include "encoder/tokenizer/sentencepiece_model.hpp"
#include "encoder/tokenizer/tokenizer_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarkText = "\u2581";
constexpr std::size_t kMaxPiece = 512;  // bytes; trained models have 16 characters at most

// RFC 4648; anything that is not of its alphabet is an error.
std::string decode_base64(const ModelJson& json, std::string_view field) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string text = json.text(field);
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) json.fail(field, "expected base64");
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFFU);
  }
  return out;
}

// The steps of a Sequence, or the one step that is no Sequence.
std::vector<ModelJson> steps_of(const ModelJson& tokenizer, std::string_view part, std::string_view list) {
  const ModelJson step = tokenizer.object(part);
  if (step.text("type") != "Sequence") return {step};
  std::vector<ModelJson> steps;
  for (const auto& value : step.array(list)) steps.emplace_back(step, value, std::string(part));
  return steps;
}

CharacterMap parse_character_map(const fs::path& path, std::string_view compiled) {
  auto map = CharacterMap::parse(compiled);
  if (!map) throw input_error({.file = path.string()}, "damaged normalisation rules (precompiled_charsmap)");
  return std::move(*map);
}

// { "Regex": " {2,}" } -> content
void read_replace(const ModelJson& step, UnigramSpec& spec) {
  if (step.object("pattern").text_or("Regex", "") != " {2,}") {
    step.fail("pattern", "expected the regular expression \" {2,}\"");
  }
  spec.double_spaces = step.text("content");
}

void read_unigram_normalizer(const ModelJson& tokenizer, UnigramSpec& spec) {
  if (!tokenizer.has("normalizer")) return;
  for (const auto& step : steps_of(tokenizer, "normalizer", "normalizers")) {
    const std::string type = step.text("type");
    if (type == "Precompiled") {
      spec.character_map = parse_character_map(tokenizer.path(), decode_base64(step, "precompiled_charsmap"));
    } else if (type == "Strip") {
      spec.strip_left = step.flag_or("strip_left", false);
      spec.strip_right = step.flag_or("strip_right", false);
    } else if (type == "Replace") {
      read_replace(step, spec);
    } else {
      step.fail("type", "expected Precompiled, Strip or Replace beside a Unigram model, got " + type);
    }
  }
}

void read_pre_tokenizer(const ModelJson& tokenizer, UnigramSpec& spec) {
  spec.split_words = false;
  for (const auto& step : steps_of(tokenizer, "pre_tokenizer", "pretokenizers")) {
    const std::string type = step.text("type");
    if (type == "WhitespaceSplit") {
      spec.split_words = true;
      continue;
    }
    if (type != "Metaspace") step.fail("type", "expected Metaspace beside a Unigram model, got " + type);
    const bool prefix = step.flag_or("add_prefix_space", true) && step.text_or("prepend_scheme", "always") == "always";
    if (!prefix || step.text_or("replacement", kMarkText) != kMarkText || !step.flag_or("split", true)) {
      step.fail("type", "expected a Metaspace that puts U+2581 before every word");
    }
  }
}

std::int32_t piece_id(const UnigramSpec& spec, const std::string& token, const fs::path& path) {
  const auto found = std::ranges::find(spec.pieces, token, &UnigramPiece::text);
  if (found != spec.pieces.end()) return static_cast<std::int32_t>(found - spec.pieces.begin());
  throw input_error({.file = path.string()}, "the vocabulary has no token \"" + token + "\"");
}

void check_pieces(const fs::path& path, const std::vector<UnigramPiece>& pieces) {
  for (const auto& piece : pieces) {
    if (piece.text.size() > kMaxPiece || find_bad_utf8(piece.text) || !std::isfinite(piece.score)) {
      throw input_error({.file = path.string()}, "expected pieces of at most " + std::to_string(kMaxPiece) +
                                                     " bytes of UTF-8, with finite scores");
    }
  }
}

std::vector<UnigramPiece> read_pieces(const ModelJson& model) {
  std::vector<UnigramPiece> pieces;
  for (const auto& value : model.array("vocab")) {
    if (!value.is_array() || value.size() != 2 || !value[0].is_string() || !value[1].is_number()) {
      model.fail("vocab", "expected pairs of a piece and its score");
    }
    pieces.push_back({.text = value[0].get<std::string>(), .score = value[1].get<double>()});
  }
  check_pieces(model.path(), pieces);
  return pieces;
}

}  // namespace

UnigramSpec read_unigram_json(const fs::path& folder, const ModelJson& tokenizer) {
  const ModelJson model = tokenizer.object("model");
  if (model.flag_or("byte_fallback", false)) model.fail("byte_fallback", "expected false");
  UnigramSpec spec{.pieces = read_pieces(model), .unknown = read_token_id(model, "unk_id")};
  if (static_cast<std::size_t>(spec.unknown) >= spec.pieces.size()) model.fail("unk_id", "is not in the vocabulary");
  read_unigram_normalizer(tokenizer, spec);
  read_pre_tokenizer(tokenizer, spec);
  const auto [first, last] = read_surrounding_tokens(tokenizer, {"<s>", "</s>"});
  spec.frame.first = piece_id(spec, first, tokenizer.path());
  spec.frame.last = piece_id(spec, last, tokenizer.path());
  spec.added = read_added_tokens(tokenizer);
  spec.reconfigured = add_configured_tokens(folder, spec.added);
  return spec;
}

UnigramSpec read_unigram_model(const fs::path& folder) {
  const fs::path path = folder / "sentencepiece.bpe.model";
  const SentencePieceModel model = read_sentencepiece_model(path);
  UnigramSpec spec{.pieces = {{"<s>"}, {"<pad>"}, {"</s>"}, {"<unk>"}},
                   .character_map = parse_character_map(path, model.character_map),
                   .unknown = 3,
                   .frame = {.first = 0, .last = 2}};
  for (const std::int32_t id : {0, 1, 2, 3}) {
    spec.added.push_back({.content = to_code_points(spec.pieces[static_cast<std::size_t>(id)].text), .id = id});
  }
  spec.pieces.insert(spec.pieces.end(), model.pieces.begin() + 3, model.pieces.end());
  spec.added.push_back({.content = U"<mask>", .id = static_cast<std::int32_t>(spec.pieces.size()), .strip_left = true});
  spec.pieces.push_back({"<mask>"});
  check_pieces(path, spec.pieces);
  spec.reconfigured = add_configured_tokens(folder, spec.added);
  const std::size_t count = spec.added.size();
  add_old_tokens(folder, spec.added);
  spec.reconfigured = spec.reconfigured || spec.added.size() != count;
  return spec;
}

}  // namespace persona4rec
