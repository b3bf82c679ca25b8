#include "encoder/tokenizer/sentencepiece_model.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "encoder/model_folder/model_json.hpp"
#include "io/mapped_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxModelBytes = 32U << 20U;  // XLM-R's 250,000 pieces take 5 million

// Field numbers of sentencepiece_model.proto.
constexpr std::uint32_t kPieces = 1;  // ModelProto
constexpr std::uint32_t kTrainerSpec = 2;
constexpr std::uint32_t kNormalizerSpec = 3;
constexpr std::uint32_t kPieceText = 1;  // SentencePiece
constexpr std::uint32_t kPieceScore = 2;
constexpr std::uint32_t kModelType = 3;     // TrainerSpec
constexpr std::uint32_t kCharacterMap = 2;  // NormalizerSpec
constexpr std::uint64_t kUnigramModel = 1;  // of kModelType, and its default

struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  // of a number
  std::string_view bytes;   // of bytes, and the 4 or 8 bytes of a fixed number
};

// Fields of a message one by one. Wire types: https://protobuf.dev/programming-guides/encoding
class MessageReader {
 public:
  MessageReader(const std::filesystem::path& path, std::string_view bytes) : path_(path), bytes_(bytes) {}

  std::optional<Field> next() {
    if (at_ == bytes_.size()) return std::nullopt;
    const std::uint64_t key = number();
    Field field{.number = static_cast<std::uint32_t>(key >> 3U)};
    switch (key & 7U) {
      case 0:
        field.value = number();
        break;
      case 1:
        field.bytes = take(8);
        break;
      case 2:
        field.bytes = take(number());
        break;
      case 5:
        field.bytes = take(4);
        break;
      default:
        fail();
    }
    return field;
  }

  [[noreturn]] void fail() const {
    throw input_error({.file = path_.string()}, "not a SentencePiece model, or damaged");
  }

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1).front());
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    fail();
  }
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - at_) fail();
    const auto taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }

  const std::filesystem::path& path_;
  std::string_view bytes_;
  std::size_t at_ = 0;
};

UnigramPiece read_piece(const std::filesystem::path& path, std::string_view bytes) {
  MessageReader message(path, bytes);
  UnigramPiece piece;
  while (const auto field = message.next()) {
    if (field->number == kPieceText) piece.text = field->bytes;
    if (field->number != kPieceScore) continue;
    float score = 0;
    if (field->bytes.size() != sizeof(score)) message.fail();
    std::memcpy(&score, field->bytes.data(), sizeof(score));
    piece.score = score;
  }
  return piece;
}

// The last field of this number in a message.
Field find_field(const std::filesystem::path& path, std::string_view bytes, std::uint32_t number, Field otherwise) {
  MessageReader message(path, bytes);
  while (const auto field = message.next()) {
    if (field->number == number) otherwise = *field;
  }
  return otherwise;
}

}  // namespace

SentencePieceModel read_sentencepiece_model(const std::filesystem::path& path) {
  const MappedFile file(path);
  refuse_foreign_file(path, file.text(), "a SentencePiece model");
  if (file.text().size() > kMaxModelBytes) {
    throw input_error({.file = path.string()}, "expected a SentencePiece model of at most " +
                                                   std::to_string(kMaxModelBytes) + " bytes, got " +
                                                   std::to_string(file.text().size()));
  }
  SentencePieceModel model;
  MessageReader message(path, file.text());
  while (const auto field = message.next()) {
    if (field->number == kPieces) model.pieces.push_back(read_piece(path, field->bytes));
    if (field->number == kNormalizerSpec) model.character_map = find_field(path, field->bytes, kCharacterMap, {}).bytes;
    if (field->number == kTrainerSpec &&
        find_field(path, field->bytes, kModelType, {.value = kUnigramModel}).value != kUnigramModel) {
      throw input_error({.file = path.string()}, "a SentencePiece model of another kind, expected Unigram");
    }
  }
  if (model.pieces.size() < 4) message.fail();
  return model;
}

}  // namespace persona4rec
