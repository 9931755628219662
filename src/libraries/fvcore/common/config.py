"""Configurations as yacs has them."""
from fvcore.common._cfg import CfgNode
