#include "encoder/model_folder/torch_checkpoint.hpp"

#include <array>
#include <cstring>
#include <deque>
#include <utility>
#include <variant>

#include "encoder/model_folder/model_json.hpp"
#include "encoder/model_folder/zip_archive.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

using ArchiveMembers = std::map<std::string, std::span<const std::byte>>;

// Real pickles have some 200 bytes a tensor. A value takes memory of its own for every byte of one that is made to.
constexpr std::size_t kMaxPickle = 4U << 20U;
constexpr std::size_t kMaxDimensions = 8;

struct Value;
using Items = std::vector<Value*>;

struct Mark {};
struct Global {
  std::string name;  // "torch FloatStorage"
};
struct Dictionary {
  std::vector<std::pair<Value*, Value*>> entries;
};
struct Storage {
  std::string dtype;
  std::span<const std::byte> bytes;
};
// monostate stands for None, True, False and objects whose content nobody needs.
struct Value {
  std::variant<std::monostate, Mark, std::int64_t, std::string, Items, Global, Dictionary, Storage, TensorView> data;
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kStorageDtypes = {
    {{"torch FloatStorage", "F32"},
     {"torch HalfStorage", "F16"},
     {"torch BFloat16Storage", "BF16"},
     {"torch LongStorage", "I64"},
     {"torch BoolStorage", "BOOL"}}};

// The stack machine of Python's pickle protocol 2, without the power to build anything but what Value holds. It owns
// all values, side by side: they may refer to each other in any depth, and in circles. Opcodes:
// https://github.com/python/cpython/blob/3.11/Lib/pickletools.py
class Unpickler {
 public:
  Unpickler(const std::filesystem::path& path, const ArchiveMembers& members, std::string root)
      : path_(path), members_(members), root_(std::move(root)), code_(members.at(root_ + "data.pkl")) {
    if (code_.size() <= kMaxPickle) return;
    fail("expected a pickle of at most " + std::to_string(kMaxPickle) + " bytes, got " + std::to_string(code_.size()));
  }

  // The value lives as long as this object.
  const Value& run() {
    while (at_ < code_.size()) {
      const auto opcode = static_cast<unsigned char>(number<std::uint8_t>());
      if (opcode == '.') return *pop();
      if (!constant(opcode) && !container(opcode) && !object(opcode)) {
        fail("opcode " + std::to_string(opcode) + " of the pickle is not one that plain tensors need");
      }
    }
    fail("truncated pickle");
  }

 private:
  bool constant(unsigned char opcode) {
    switch (opcode) {
      case 0x80:
        number<std::uint8_t>();
        return true;  // PROTO
      case 'N':       // NONE
      case 0x88:      // NEWTRUE
      case 0x89:
        push(std::monostate{});
        return true;  // NEWFALSE
      case 'K':
        push(std::int64_t{number<std::uint8_t>()});
        return true;  // BININT1
      case 'M':
        push(std::int64_t{number<std::uint16_t>()});
        return true;  // BININT2
      case 'J':
        push(std::int64_t{number<std::int32_t>()});
        return true;  // BININT
      case 0x8a:
        push(long_number());
        return true;  // LONG1
      case 'X':
        push(text(number<std::uint32_t>()));
        return true;  // BINUNICODE
      case 'q':
        memo_[number<std::uint8_t>()] = top();
        return true;  // BINPUT
      case 'r':
        memo_[number<std::uint32_t>()] = top();
        return true;  // LONG_BINPUT
      case 'h':
        recall(number<std::uint8_t>());
        return true;  // BINGET
      case 'j':
        recall(number<std::uint32_t>());
        return true;  // LONG_BINGET
      default:
        return false;
    }
  }

  bool container(unsigned char opcode) {
    switch (opcode) {
      case '(':
        push(Mark{});
        return true;  // MARK
      case ')':
        push(Items{});
        return true;  // EMPTY_TUPLE
      case 0x85:
        push(take(1));
        return true;  // TUPLE1
      case 0x86:
        push(take(2));
        return true;  // TUPLE2
      case 0x87:
        push(take(3));
        return true;  // TUPLE3
      case 't':
        push(take_to_mark());
        return true;  // TUPLE
      case '}':
        push(Dictionary{});
        return true;  // EMPTY_DICT
      case 's':
        set_items(take(2));
        return true;  // SETITEM
      case 'u':
        set_items(take_to_mark());
        return true;  // SETITEMS
      default:
        return false;
    }
  }

  bool object(unsigned char opcode) {
    switch (opcode) {
      case 'c': {  // GLOBAL
        std::string name = line();
        name += " " + line();
        push(Global{std::move(name)});
        return true;
      }
      case 'Q':
        push(storage(get<Items>(*pop())));
        return true;  // BINPERSID
      case 'R':
        reduce();
        return true;  // REDUCE
      case 'b':       // BUILD: the metadata of a state_dict
        pop();
        get<Dictionary>(*top());
        return true;
      default:
        return false;
    }
  }

  // ("storage", storage type, key, device, elements)
  Storage storage(const Items& id) {
    if (id.size() < 5) fail("a storage that is not one of plain tensors");
    const std::string& type = get<Global>(*id[1]).name;
    const auto member = members_.find(root_ + "data/" + get<std::string>(*id[2]));
    if (member == members_.end()) fail("a tensor's data are missing");
    for (const auto& [name, dtype] : kStorageDtypes) {
      if (name == type) return {std::string(dtype), member->second};
    }
    fail("tensors of type " + type + " are not read");
  }

  void reduce() {
    const Items arguments = get<Items>(*pop());
    const std::string name = get<Global>(*pop()).name;
    if (name == "collections OrderedDict" && arguments.empty()) {
      push(Dictionary{});
    } else if (name == "torch._utils _rebuild_tensor_v2" && arguments.size() >= 4) {
      push(tensor(arguments));
    } else if (name == "torch._utils _rebuild_parameter" && !arguments.empty()) {
      push(get<TensorView>(*arguments[0]));
    } else {
      fail("it holds an object that is no plain tensor (" + name + ")");
    }
  }

  // (storage, offset, shape, stride, ...)
  TensorView tensor(const Items& arguments) {
    const auto& from = get<Storage>(*arguments[0]);
    TensorView view{.dtype = from.dtype, .shape = integers(*arguments[2])};
    const auto strides = integers(*arguments[3]);
    std::int64_t elements = 1;
    for (std::size_t i = view.shape.size(); i-- > 0;) {
      if (i < strides.size() && strides[i] != elements && view.shape[i] > 1) fail("a tensor is not contiguous");
      if (view.shape[i] < 0 || __builtin_mul_overflow(elements, view.shape[i], &elements)) fail("a broken shape");
    }
    const std::size_t element = element_size(view.dtype);
    const auto begin = static_cast<std::size_t>(get<std::int64_t>(*arguments[1]));
    const auto count = static_cast<std::size_t>(elements);
    const std::size_t available = from.bytes.size() / element;
    if (begin > available || count > available - begin) fail("a tensor is longer than its data: truncated");
    view.bytes = from.bytes.subspan(begin * element, count * element);
    return view;
  }

  std::vector<std::int64_t> integers(const Value& tuple) {
    const auto& items = get<Items>(tuple);
    if (items.size() > kMaxDimensions) fail("a tensor of " + std::to_string(items.size()) + " dimensions");
    std::vector<std::int64_t> values;
    values.reserve(items.size());
    for (const auto* item : items) values.push_back(get<std::int64_t>(*item));
    return values;
  }

  template <class Type>
  const Type& get(const Value& value) {
    const auto* found = std::get_if<Type>(&value.data);
    if (found == nullptr) fail("a broken pickle, or one that holds more than plain tensors");
    return *found;
  }

  template <class Type>
  void push(Type value) {
    stack_.push_back(&values_.emplace_back(Value{std::move(value)}));
  }
  Value* top() {
    if (stack_.empty()) fail("a broken pickle");
    return stack_.back();
  }
  Value* pop() {
    Value* value = top();
    stack_.pop_back();
    return value;
  }
  Items take(std::size_t count) {
    if (stack_.size() < count) fail("a broken pickle");
    const auto begin = stack_.end() - static_cast<std::ptrdiff_t>(count);
    Items items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    return items;
  }
  Items take_to_mark() {
    std::size_t count = 0;
    while (count < stack_.size() && !std::holds_alternative<Mark>(stack_[stack_.size() - 1 - count]->data)) ++count;
    Items items = take(count);
    pop();  // the mark
    return items;
  }
  void set_items(const Items& items) {
    auto* dictionary = std::get_if<Dictionary>(&top()->data);
    if (dictionary == nullptr || items.size() % 2 != 0) fail("a broken pickle");
    for (std::size_t i = 0; i < items.size(); i += 2) dictionary->entries.emplace_back(items[i], items[i + 1]);
  }
  void recall(std::uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("a broken pickle");
    stack_.push_back(found->second);
  }

  template <class Number>
  Number number() {
    Number value = 0;
    if (code_.size() - at_ < sizeof(value)) fail("truncated pickle");
    std::memcpy(&value, code_.data() + at_, sizeof(value));
    at_ += sizeof(value);
    return value;
  }
  std::int64_t long_number() {
    const std::size_t size = number<std::uint8_t>();
    if (size > sizeof(std::int64_t)) fail("a number that is too large");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{number<std::uint8_t>()} << (8 * i);
    return static_cast<std::int64_t>(value);
  }
  std::string text(std::size_t size) {
    if (code_.size() - at_ < size) fail("truncated pickle");
    std::string value(reinterpret_cast<const char*>(code_.data() + at_), size);
    at_ += size;
    return value;
  }
  std::string line() {
    std::string value;
    for (char next = static_cast<char>(number<std::uint8_t>()); next != '\n';
         next = static_cast<char>(number<std::uint8_t>())) {
      value += next;
    }
    return value;
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw input_error({.file = path_.string()}, message + "; save the weights as model.safetensors");
  }

  const std::filesystem::path& path_;
  const ArchiveMembers& members_;
  std::string root_;  // "archive/"
  std::span<const std::byte> code_;
  std::size_t at_ = 0;
  std::deque<Value> values_;
  std::vector<Value*> stack_;
  std::map<std::uint32_t, Value*> memo_;
};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& message) {
  throw input_error({.file = path.string()}, message);
}

std::string archive_root(const std::filesystem::path& path, const ArchiveMembers& members) {
  constexpr std::string_view kPickle = "/data.pkl";
  for (const auto& [name, bytes] : members) {
    if (name.ends_with(kPickle)) return name.substr(0, name.size() - kPickle.size() + 1);
  }
  fail(path, "a zip archive, but none that torch.save wrote: it has no data.pkl");
}

}  // namespace

TorchCheckpointFile::TorchCheckpointFile(const std::filesystem::path& path) : file_(path) {
  if (!file_.text().starts_with("PK")) {
    refuse_foreign_file(path, file_.text(), "the zip archive that torch.save writes");
    fail(path, "not the zip archive that torch.save writes");
  }
  const ArchiveMembers members = read_stored_zip(path, file_.bytes());
  Unpickler unpickler(path, members, archive_root(path, members));
  const auto* dictionary = std::get_if<Dictionary>(&unpickler.run().data);
  if (dictionary == nullptr) fail(path, "expected a dictionary of tensors");
  for (const auto& [key, value] : dictionary->entries) {
    const auto* name = std::get_if<std::string>(&key->data);
    const auto* tensor = std::get_if<TensorView>(&value->data);
    if (name == nullptr || tensor == nullptr) {
      fail(path, "expected a dictionary of tensors; save the weights as model.safetensors");
    }
    tensors_.emplace(*name, *tensor);
  }
}

}  // namespace persona4rec
