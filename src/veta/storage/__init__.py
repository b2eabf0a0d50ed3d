"""How every slice keeps what it keeps: connections and array literals, tables that only grow, files of keys."""
