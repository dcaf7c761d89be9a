"""`python -m orders_server`, the same as `xportcn-orders`."""

from orders_server.cli.main import main

main(prog_name="xportcn-orders")
