"""How are rows put together into blocks of `max_length`, without tearing an error from its correction?

`bfd` and `bfd_split` are TRL's own: rows with an error fit into a block when they come here, so they go in whole.
`wrapped` is TRL's but for one thing: a block ends early where a row with an error would not fit into what is left.
"""

from typing import Any

import numpy as np

from lemma_hf.errors import ConfigError
from lemma_hf.train.columns import TokenColumns
from lemma_hf.train.prepare import is_streamed


def pack(dataset: Any, args: Any, name: str) -> Any:
    """Packed rows of the token columns; `seq_lengths` says where documents end (not under `wrapped`).

    Raises:
        ConfigError: without `max_length`.
    """
    from trl import pack_dataset

    if args.max_length is None:
        raise ConfigError("packing needs max_length, the length of a block: set it, or set packing=False")
    options = {} if is_streamed(dataset) else {"num_proc": args.dataset_num_proc, "desc": f"Packing {name} dataset"}
    if args.packing_strategy != "wrapped":
        return pack_dataset(dataset, args.max_length, args.packing_strategy, options)
    blocks = dataset.with_format("arrow").map(
        _wrap_whole, batched=True, fn_kwargs={"seq_length": args.max_length}, **options
    )
    return blocks.with_format(None)


def _wrap_whole(table: Any, seq_length: int) -> Any:
    """Cut the tokens of a table of rows anew, into blocks of `seq_length`, but never inside of a row with an error.

    Where no row has an error, these are the blocks of TRL's `wrapped` strategy.
    """
    import pyarrow as pa

    tokens = TokenColumns.from_table(table)
    ends, whole = np.cumsum(tokens.lengths), tokens.has_error
    borders = [0]
    for start, end, is_whole in zip(tokens.starts.tolist(), ends.tolist(), whole.tolist(), strict=True):
        if is_whole and end - borders[-1] > seq_length:
            borders.append(start)
        while end - borders[-1] > seq_length:
            borders.append(borders[-1] + seq_length)
    offsets = pa.array([*borders, int(ends[-1])], pa.int32())
    flat = (table[name].combine_chunks().flatten() for name in table.column_names)
    return pa.Table.from_arrays([pa.ListArray.from_arrays(offsets, each) for each in flat], names=table.column_names)
