#include "runtime/store/memory_store.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/store/store.hpp"

namespace wf::store {

Result<std::unique_ptr<Store>> open_store(const std::string& address, const OpenOptions& options) {
  const std::string sqlite = "sqlite:";
  if (address == "memory:") return std::unique_ptr<Store>(std::make_unique<MemoryStore>());
  if (address.starts_with(sqlite) && address.size() > sqlite.size())
    return SqliteStore::open(address.substr(sqlite.size()), options);
  return Error{ErrorCode::invalid, "the store address '" + address + "' is neither memory: nor sqlite:DIR"};
}

}  // namespace wf::store
